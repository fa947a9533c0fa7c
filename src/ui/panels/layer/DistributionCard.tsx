import { lookup } from '../../../base/lookup';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import type { NumberFormat } from '../../../core/number-formats/format';
import type { TensorId } from '../../../core/graph/graph';
import type { EstimatorChoice, TensorOverride } from '../../../core/quantize/settings';
import { ESTIMATORS } from '../../../core/calibration/estimators/table';
import type { Range, TensorStats } from '../../../core/calibration/types';
import { trainingRange } from '../../../state/results/comparison';
import { estimatedRange, manualRange, modelEstimator, tensorEstimator } from '../../../state/edits/edits';
import { patch, settingsOf } from '../../../state/store';
import { integer, real } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { Legend } from '../../charts/Legend';
import { NumberField } from '../../fields/NumberField';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { BeforeAfter, type Side } from './BeforeAfter';
import { EstimatorPicker, labelOf } from '../../fields/EstimatorPicker';
import { Figures } from './Figures';
import { fullView } from '../../charts/geometry';
import { Histogram, type Frame } from '../../charts/Histogram';
import { liveFigures, partOf, type Part } from './live';
import { Tip } from '../../parts/Tip';

// Opened on demand, and heavier than the rest of the card.
const Lab = lazy(() => import('../formats/Lab'));

interface Props {
  readonly kind: 'activations' | 'weights';
  readonly title: string;
  readonly tensor: TensorId;
  readonly channel: number | null;
  readonly stats: TensorStats;
  /** What values are rounded to. */
  readonly grid: NumberFormat;
  /** The control that chooses it. */
  readonly format: ReactNode;
  /** What is quantized with which range: the tensor as one, or each of its channels. */
  readonly parts: readonly Part[];
  /** Where the handles stand; null before there is a plan. */
  readonly range: Range | null;
  /** The range is one of earlier settings, and about to be replaced. */
  readonly pending: boolean;
  readonly manual: boolean;
  /** Nobody changed it since training found it. */
  readonly trained: boolean;
  /** The same without training, while trained weights are in use. */
  readonly before: (Side & { readonly stats: TensorStats }) | null;
  /** What a rule chooses where this tensor has no choice of its own. */
  readonly ruled: Pick<TensorOverride, 'estimator' | 'range'>;
  /** What the whole plot has room for besides the values: ranges wider than they are. */
  readonly room: Range | null;
  /** Why it cannot be changed, in words. */
  readonly locked: string | null;
  readonly note: string | null;
  /** All tensors of this kind, for "use for all layers". */
  readonly siblings: readonly TensorId[];
  readonly children?: ReactNode;
}

export function DistributionCard(props: Props) {
  const { kind, title, tensor, channel, stats, parts, range, manual, trained, before, ruled, room, locked, note } =
    props;
  const { siblings, children } = props;
  const controller = useController();
  const store = useStudioStore();
  const log = useStudio((state) => state.ui.logCounts);
  const override = useStudio((state) => lookup(settingsOf(state).tensors, tensor));
  const modelChoice = useStudio((state) => settingsOf(state)[kind].estimator);
  const inherited = ruled.estimator ?? modelChoice;
  const byRule = ruled.range !== undefined && !override?.estimator;
  const float = before?.stats ?? stats;
  const full = useMemo(() => {
    const min = Math.min(stats.min, float.min, room?.min ?? 0);
    return fullView(min, Math.max(stats.max, float.max, room?.max ?? 0));
  }, [stats, float, room]);
  const drawnBefore = useMemo(() => before && { histogram: before.stats.histogram, parts: before.parts }, [before]);
  const training = useStudio((state) => (channel === null ? trainingRange(state, tensor) : null));
  const figures = useMemo(() => liveFigures(parts), [parts]);
  const labOpen = useStudio((state) => state.ui.lab);
  // Channels have grids of their own; the widest stands for them where none is chosen.
  const shownPart = range && (parts.length === 1 ? parts[0] : partOf(stats, range, props.grid));
  const symmetric = kind === 'weights';
  const set = (next: Range) => controller.edit(manualRange(tensor, channel, next));

  const pick = (id: string) => {
    const row = ESTIMATORS.find((entry) => entry.id === id)!;
    const params = Object.fromEntries(row.params.map((param) => [param.id, param.default]));
    controller.edit(tensorEstimator(tensor, { id, params }));
  };
  const lab = (part: Part) => (frame: Frame) => (
    <Suspense fallback={<p className="quiet">Opening the lab…</p>}>
      <Lab
        {...frame}
        stats={stats}
        format={part.format}
        params={part}
        range={part.range}
        estimator={manual || byRule ? null : (override?.estimator ?? inherited).id}
        locked={locked !== null}
        onPick={pick}
      />
    </Suspense>
  );

  return (
    <section className="distribution" data-kind={kind} aria-label={title} aria-busy={props.pending}>
      <header>
        <h3>
          {title}
          <span className="badge" data-manual={manual}>
            {trained
              ? 'trained range'
              : manual
                ? 'manual range'
                : locked !== null
                  ? 'fixed range'
                  : byRule
                    ? 'range of a rule'
                    : labelOf(override?.estimator ?? inherited)}
          </span>
        </h3>
        <span className="quiet stats-line">
          {before && 'Trained: '}
          {integer(stats.count)} values · {real(stats.min)} … {real(stats.max)} · mean {real(stats.mean)} · σ{' '}
          {real(stats.std)}
          {stats.nonFinite > 0 && <b className="non-finite"> · {integer(stats.nonFinite)} not finite</b>}
        </span>
        <Tip text="What every range would cost, which values can be represented, bit by bit (R)">
          <button
            type="button"
            className="button small"
            aria-pressed={labOpen}
            onClick={() => patch(store, 'ui', { lab: !labOpen })}
          >
            Lab
          </button>
        </Tip>
        <Segmented
          label="Counts"
          options={[
            { value: 'linear', label: 'Linear' },
            { value: 'log', label: 'Log' },
          ]}
          value={log ? 'log' : 'linear'}
          onChange={(value) => patch(store, 'ui', { logCounts: value === 'log' })}
        />
      </header>
      <Histogram
        // A zoom belongs to one tensor.
        key={tensor}
        label={title}
        histogram={stats.histogram}
        full={full}
        log={log}
        parts={parts}
        range={range}
        symmetric={symmetric}
        locked={locked}
        onDrag={(next) => controller.drag(tensor, channel, next)}
        onRelease={() => controller.release()}
        onTakeBack={() => controller.takeBack()}
        before={drawnBefore}
        training={training}
        {...(labOpen && shownPart && { below: lab(shownPart) })}
      />
      {training && (
        <Legend
          items={[
            {
              id: 'training',
              look: 'dashed',
              of: 'qat',
              label: (
                <>
                  {kind === 'weights' && parts.length > 1 ? 'widest range in training' : 'range in training'}{' '}
                  <b>
                    {real(training.min, 3)} … {real(training.max, 3)}
                  </b>
                </>
              ),
            },
          ]}
        />
      )}
      {before && <BeforeAfter float={before.stats} before={before} after={{ parts, range }} />}
      <Figures figures={figures} scales={parts.map(({ scale }) => scale)} />
      {children}
      <div className="distribution-controls">
        <NumberField
          label="From"
          value={range?.min ?? 0}
          disabled={locked !== null || !range}
          onCommit={(min) => set(symmetric ? { min: -Math.abs(min), max: Math.abs(min) } : { min, max: range!.max })}
          {...(!symmetric && { max: 0 })}
        />
        <NumberField
          label="to"
          value={range?.max ?? 0}
          disabled={locked !== null || !range}
          onCommit={(max) => set(symmetric ? { min: -Math.abs(max), max: Math.abs(max) } : { min: range!.min, max })}
          {...(!symmetric && { min: 0 })}
        />
        <button
          type="button"
          className="button small"
          disabled={!manual}
          onClick={() => controller.edit(estimatedRange(tensor, channel))}
        >
          <Icon name="reset" />
          Reset
        </button>
        {locked === null && (
          <EstimatorPicker
            label="Range by"
            choice={override?.estimator ?? null}
            inherited={inherited}
            {...(ruled.range
              ? { inheritedText: 'range of a rule' }
              : ruled.estimator && { inheritedText: `as a rule says: ${labelOf(ruled.estimator)}` })}
            onChange={(choice, coalesce) => controller.edit(tensorEstimator(tensor, choice), coalesce)}
          />
        )}
        {props.format}
        {override?.estimator && (
          <button
            type="button"
            className="button small bare"
            onClick={() => controller.edit(modelEstimator(kind, override.estimator as EstimatorChoice, siblings))}
          >
            Use for all layers
          </button>
        )}
      </div>
      {(locked ?? note) && <p className="quiet note">{locked ?? note}</p>}
    </section>
  );
}
