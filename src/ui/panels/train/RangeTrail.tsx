/** The range of one layer's output while it is trained: its distribution, and beneath it, time running down, both ends. */
import { lookup } from '../../../base/lookup';
import { useMemo } from 'react';
import { rebin } from '../../../core/calibration/rebin';
import type { Range } from '../../../core/calibration/types';
import { groupOf, untrainedCalibration } from '../../../state/results/comparison';
import type { TrainingRun } from '../../../state/slices/training';
import { patch } from '../../../state/store';
import { countScale, stepPath } from '../../charts/bars';
import { fullView, ticks, tickText, valueToPixel } from '../../charts/geometry';
import { useWidth } from '../../charts/use-width';
import { percent, real } from '../../parts/format';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { moves } from './range-moves';

const BARS = 54;
const TRAIL = 74;
const AXIS = 18;
const SHOWN_MOVES = 3;

export function RangeTrail({ run }: { run: TrainingRun }) {
  const controller = useController();
  const store = useStudioStore();
  const model = useStudio((state) => state.model.view);
  const plan = useStudio((state) => state.results.plan?.value ?? null);
  const selected = useStudio((state) => state.selection.layer);
  const calibration = useStudio(untrainedCalibration);
  const ranges = run.progress?.ranges;
  const layers = useMemo(
    () => model?.layers.filter(({ output }) => ranges && Object.hasOwn(ranges, groupOf(plan, output.id))) ?? [],
    [model, plan, ranges],
  );
  const layer = layers.find(({ id }) => id === selected) ?? layers.find(({ weight }) => weight) ?? layers[0];
  const far = useMemo(() => moves(run.trace, ranges ?? {}).slice(0, SHOWN_MOVES), [run.trace, ranges]);
  if (!layer || !ranges) return null;
  const source = groupOf(plan, layer.output.id);
  const stats = lookup(calibration?.activations, layer.output.id);
  const choose = (id: string) => {
    patch(store, 'selection', { layer: id, channel: null });
    void controller.weights.read(id);
  };
  return (
    <figure className="range-trail">
      <figcaption>
        <label className="labelled">
          <b>Range of</b>
          <select className="field" value={layer.id} onChange={({ target }) => choose(target.value)}>
            {layers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span className="mono">
          {real(lookup(ranges, source)!.min, 3)} … {real(lookup(ranges, source)!.max, 3)}
        </span>
      </figcaption>
      {stats && (
        <Trail
          name={layer.name}
          histogram={stats.histogram}
          extent={stats}
          trail={run.trace.flatMap(({ at, ranges: then }) => {
            const range = lookup(then, source);
            return range ? [{ at, range }] : [];
          })}
          epochs={run.training.epochs}
        />
      )}
      {far.length > 0 && (
        <p className="quiet">
          Moved farthest:{' '}
          {far.map(({ tensor, share }, i) => {
            const owner = layers.find(({ output }) => output.id === tensor) ?? null;
            return (
              <span key={tensor}>
                {i > 0 && ', '}
                {owner ? (
                  <button type="button" className="link" onClick={() => choose(owner.id)}>
                    {owner.name}
                  </button>
                ) : (
                  tensor
                )}{' '}
                {percent(share, 0)}
              </span>
            );
          })}
        </p>
      )}
    </figure>
  );
}

interface TrailProps {
  readonly name: string;
  readonly histogram: Parameters<typeof rebin>[0];
  readonly extent: Range;
  readonly trail: readonly { readonly at: number; readonly range: Range }[];
  readonly epochs: number;
}

function Trail({ name, histogram, extent, trail, epochs }: TrailProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const first = trail[0]?.range;
  const last = trail.at(-1);
  // Room for the widest range there was: the view must not breathe with every step.
  const view = useMemo(
    () => fullView(Math.min(extent.min, first?.min ?? 0), Math.max(extent.max, first?.max ?? 0)),
    [extent, first],
  );
  const bars = useMemo(() => {
    const counts = rebin(histogram, view.lo, view.hi, Math.max(16, Math.floor(width / 4)));
    return stepPath(counts, countScale(counts, false), { width, height: BARS });
  }, [histogram, view, width]);
  const x = (value: number) => Math.min(width, Math.max(0, valueToPixel(view, width, value)));
  const y = (at: number) => BARS + 4 + (at / Math.max(1, epochs)) * (TRAIL - 4);
  const path = (side: keyof Range) =>
    trail.map(({ at, range }, i) => `${i === 0 ? 'M' : 'L'}${x(range[side]).toFixed(1)} ${y(at).toFixed(1)}`).join('');
  const values = ticks(view, width / 90);
  return (
    <div ref={box} className="trail-plot">
      {width > 0 && (
        <svg
          width={width}
          height={BARS + TRAIL + AXIS}
          role="img"
          aria-label={
            last && first
              ? `Range of ${name}: ${real(first.min, 3)} to ${real(first.max, 3)} at first, ${real(last.range.min, 3)} to ${real(last.range.max, 3)} now`
              : `Range of ${name}`
          }
        >
          <path className="trail-bars" d={bars} />
          {values.map((value) => (
            <g key={value} className="grid-line" transform={`translate(${x(value).toFixed(1)} 0)`}>
              <line y1={BARS} y2={BARS + TRAIL} data-zero={value === 0} />
              <text y={BARS + TRAIL + 13} textAnchor="middle">
                {tickText(value, values)}
              </text>
            </g>
          ))}
          {first && (
            <g data-look="dashed" data-of="quant">
              <line x1={x(first.min)} x2={x(first.min)} y1={0} y2={BARS + TRAIL} />
              <line x1={x(first.max)} x2={x(first.max)} y1={0} y2={BARS + TRAIL} />
            </g>
          )}
          <g data-look="line" data-of="qat">
            <path d={path('min')} />
            <path d={path('max')} />
          </g>
          {last && (
            <g className="trail-now">
              <path
                d={`M${x(last.range.min).toFixed(1)} ${BARS}V0h5l-5 5M${x(last.range.max).toFixed(1)} ${BARS}V0h-5l5 5`}
              />
            </g>
          )}
        </svg>
      )}
    </div>
  );
}
