import { lazy, Suspense } from 'react';
import type { Tab } from '../../state/slices/ui';
import { patch, settingsOf } from '../../state/store';
import { LayerDetail } from '../detail/LayerDetail';
import { Tabs } from '../parts/Tabs';
import { useStudio, useStudioStore } from '../studio';

const ImprovePanel = lazy(() => import('../improve/ImprovePanel'));
const CostPanel = lazy(() => import('../cost/CostPanel'));

const PANELS: Readonly<Record<Tab, () => React.ReactNode>> = {
  layer: () => <LayerDetail />,
  improve: () => <ImprovePanel />,
  cost: () => <CostPanel />,
};

/** The chosen layer, or one of the views on the whole model. Without a model there is nothing to switch between. */
export function Middle() {
  const store = useStudioStore();
  const tab = useStudio((state) => state.ui.tab);
  const tunable = useStudio(({ model: { view } }) => view !== null && !view.alreadyQuantized && view.computable);
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
