import { lazy, Suspense } from 'react';
import type { Tab } from '../../state/slices/ui';
import { patch, settingsOf } from '../../state/store';
import { LayerDetail } from '../detail/LayerDetail';
import { Tabs } from '../parts/Tabs';
import { useStudio, useStudioStore } from '../studio';

const BulkPanel = lazy(() => import('../bulk/BulkPanel'));
const ImprovePanel = lazy(() => import('../improve/ImprovePanel'));
const MixPanel = lazy(() => import('../mix/MixPanel'));
const CostPanel = lazy(() => import('../cost/CostPanel'));

const PANELS: Readonly<Record<Tab, () => React.ReactNode>> = {
  layer: () => <LayerOrLayers />,
  improve: () => <ImprovePanel />,
  mix: () => <MixPanel />,
  cost: () => <CostPanel />,
};

/** The chosen layer; where several are marked, all of them together. */
function LayerOrLayers() {
  const several = useStudio((state) => state.selection.marked.length > 1);
  return several ? <BulkPanel /> : <LayerDetail />;
}

/** The chosen layer, or one of the views on the whole model. Without a model there is nothing to switch between. */
export function Middle() {
  const store = useStudioStore();
  const tab = useStudio((state) => state.ui.tab);
  const tunable = useStudio(({ model }) => model.view !== null && !model.view.alreadyQuantized);
  const on = useStudio((state) => settingsOf(state).algorithms?.length ?? 0);
  const shown = tunable ? tab : 'layer';
  return (
    <div className="column">
      {tunable && (
        <Tabs
          label="Views"
          tabs={[
            { value: 'layer', label: 'Layer' },
            { value: 'improve', label: 'Improve', ...(on > 0 && { mark: `${on} on` }) },
            { value: 'mix', label: 'Mix' },
            { value: 'cost', label: 'Cost' },
          ]}
          value={shown}
          panel="view"
          onChange={(value) => patch(store, 'ui', { tab: value })}
        />
      )}
      <div
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
