import { useShallow } from 'zustand/react/shallow';
import { wantsData } from '../../state/autopilot/next-step';
import { isTunable } from '../../state/slices/model';
import { epochOf } from '../../state/slices/training';
import type { Tab } from '../../state/slices/ui';
import { patch, settingsOf, type StudioState } from '../../state/store';
import { NeedsData } from '../panels/data/NeedsData';
import { LayerDetail } from '../panels/layer/LayerDetail';
import { ErrorBoundary } from '../parts/ErrorBoundary';
import { retriable } from '../parts/retriable';
import { Tabs } from '../parts/Tabs';
import { useStudio, useStudioStore } from './studio';
import { hiddenBy, locksOf } from '../../state/slices/lessons';
import { LockNote, lockedProps, useLock } from './use-lock';

const BulkPanel = retriable('The view Bulk', () => import('../panels/bulk/BulkPanel'));
const ImprovePanel = retriable('The view Improve', () => import('../panels/improve/ImprovePanel'));
const SamplesPanel = retriable('The view Samples', () => import('../panels/samples/SamplesPanel'));
const DiagnosePanel = retriable('The view Diagnose', () => import('../panels/diagnose/DiagnosePanel'));
const MixPanel = retriable('The view Mix', () => import('../panels/mix/MixPanel'));
const TrainPanel = retriable('The view Train', () => import('../panels/train/TrainPanel'));
const RunsPanel = retriable('The view Runs', () => import('../panels/runs/RunsPanel'));
const CostPanel = retriable('The view Cost', () => import('../panels/cost/CostPanel'));

/** What the tab says of training while another is shown. */
function trainingMark(state: StudioState): string | null {
  const { run } = state.training;
  if (run?.state === 'paused') return 'paused';
  if (run?.state === 'running') return `epoch ${epochOf(run)}`;
  if (settingsOf(state).trained !== undefined) return 'on';
  const { length } = state.training.kept;
  return length > 0 ? `${length} kept` : null;
}

interface View {
  readonly label: string;
  readonly panel: () => React.ReactNode;
  /** What there is to see while another view is shown. */
  readonly mark?: ((state: StudioState) => string | null) | undefined;
}

const VIEWS: Readonly<Record<Tab, View>> = {
  layer: { label: 'Layer', panel: () => <LayerOrLayers /> },
  samples: { label: 'Samples', panel: () => <SamplesPanel /> },
  diagnose: { label: 'Diagnose', panel: () => <DiagnosePanel />, mark: counted(severeFindings, '') },
  improve: {
    label: 'Improve',
    panel: () => <ImprovePanel />,
    mark: counted((state) => settingsOf(state).algorithms?.length ?? 0, ' on'),
  },
  mix: { label: 'Mix', panel: () => <MixPanel /> },
  train: { label: 'Train', panel: () => <TrainPanel />, mark: trainingMark },
  cost: { label: 'Cost', panel: () => <CostPanel /> },
  runs: { label: 'Runs', panel: () => <RunsPanel />, mark: counted(({ runs }) => runs.list.length, '') },
};
const TABS = Object.keys(VIEWS) as Tab[];

function marksOf(state: StudioState): Readonly<Record<Tab, string | null>> {
  return Object.fromEntries(TABS.map((tab) => [tab, VIEWS[tab].mark?.(state) ?? null])) as Record<Tab, string | null>;
}

function counted(count: (state: StudioState) => number, unit: string): View['mark'] {
  return (state) => {
    const number = count(state);
    return number > 0 ? `${number}${unit}` : null;
  };
}

/** The chosen layer; where several are marked, all of them together. */
function LayerOrLayers() {
  const several = useStudio((state) => state.selection.marked.length > 1);
  return several ? <BulkPanel /> : <LayerDetail />;
}

/** The chosen layer, or one of the views on the whole model. Without a model there is nothing to switch between. */
export function Middle() {
  const store = useStudioStore();
  const tab = useStudio((state) => state.ui.tab);
  const tunable = useStudio(({ model }) => isTunable(model));
  const marks = useStudio(useShallow(marksOf));
  const wanted = useStudio(wantsData);
  const shown = tunable ? tab : 'layer';
  const locked = useLock(shown);
  const locks = useStudio(({ lessons }) => locksOf(lessons));
  const hidden = useStudio(({ lessons }) => hiddenBy(lessons));
  const tabs = TABS.filter((value) => !hidden.includes(value));
  return (
    <div className="column" data-place="view">
      {tunable && (
        <Tabs
          label="Views"
          tabs={tabs.map((value) => ({
            value,
            label: VIEWS[value].label,
            locked: locks.includes(value),
            ...(marks[value] !== null && { mark: marks[value] }),
          }))}
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
        {...lockedProps(locked)}
        {...(tunable && { role: 'tabpanel', 'aria-labelledby': `tab-${shown}` })}
      >
        {wanted && <NeedsData />}
        <LockNote locked={locked} />
        <ErrorBoundary what="This view">{VIEWS[shown].panel()}</ErrorBoundary>
      </div>
    </div>
  );
}

/** Of the diagnosis of this moment, where a lesson does not keep it to itself. */
function severeFindings(state: StudioState): number {
  if (hiddenBy(state.lessons).includes('findings')) return 0;
  const { result } = state.diagnosis;
  if (result?.settings !== settingsOf(state) || result.basis !== state.results.basis) return 0;
  return result.value.findings.filter(({ severity }) => severity === 'severe').length;
}
