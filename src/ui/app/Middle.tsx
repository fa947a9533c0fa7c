import { lazy, Suspense } from 'react';
import { epochOf } from '../../state/slices/training';
import type { Tab } from '../../state/slices/ui';
import { patch, settingsOf, type StudioState } from '../../state/store';
import { LayerDetail } from '../detail/LayerDetail';
import { Tabs } from '../parts/Tabs';
import { useStudio, useStudioStore } from '../studio';

const ImprovePanel = lazy(() => import('../improve/ImprovePanel'));
const TrainPanel = lazy(() => import('../train/TrainPanel'));
const CostPanel = lazy(() => import('../cost/CostPanel'));

const PANELS: Readonly<Record<Tab, () => React.ReactNode>> = {
  layer: () => <LayerDetail />,
  improve: () => <ImprovePanel />,
  train: () => <TrainPanel />,
  cost: () => <CostPanel />,
};

/** What the tab says of training while another is shown. */
function trainingMark(state: StudioState): string | null {
  const { run } = state.training;
  if (run?.state === 'paused') return 'paused';
  if (run?.state === 'running') return `epoch ${epochOf(run)}`;
  if (settingsOf(state).trained !== undefined) return 'on';
  const { length } = state.training.kept;
  return length > 0 ? `${length} kept` : null;
}

/** The chosen layer, or one of the views on the whole model. Without a model there is nothing to switch between. */
export function Middle() {
  const store = useStudioStore();
  const tab = useStudio((state) => state.ui.tab);
  const tunable = useStudio(({ model }) => model.view !== null && !model.view.alreadyQuantized);
  const on = useStudio((state) => settingsOf(state).algorithms?.length ?? 0);
  const training = useStudio(trainingMark);
  const shown = tunable ? tab : 'layer';
  return (
    <div className="column">
      {tunable && (
        <Tabs
          label="Views"
          tabs={[
            { value: 'layer', label: 'Layer' },
            { value: 'improve', label: 'Improve', ...(on > 0 && { mark: `${on} on` }) },
            { value: 'train', label: 'Train', ...(training !== null && { mark: training }) },
            { value: 'cost', label: 'Cost' },
          ]}
          value={shown}
          panel="view"
          onChange={(value) => patch(store, 'ui', { tab: value })}
        />
      )}
      <div
        // A view begins at its top.
        key={shown}
        className="column scroll"
        id="view"
        tabIndex={-1}
        {...(tunable && { role: 'tabpanel', 'aria-labelledby': `tab-${shown}` })}
      >
        <Suspense fallback={<p className="quiet">Opening…</p>}>{PANELS[shown]()}</Suspense>
      </div>
    </div>
  );
}
