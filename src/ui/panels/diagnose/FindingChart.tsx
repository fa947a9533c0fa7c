import { lookup } from '../../../base/lookup';
import type { Chart } from '../../../core/diagnosis/finding';
import type { TensorId } from '../../../core/graph/graph';
import { rebin } from '../../../core/calibration/rebin';
import { shownCalibration } from '../../../state/slices/results';
import { countScale, stepPath } from '../../charts/bars';
import { fullView, valueToPixel } from '../../charts/geometry';
import { useWidth } from '../../charts/use-width';
import { real } from '../../parts/format';
import { useStudio } from '../../app/studio';
import { ConvergenceChart } from './ConvergenceChart';

const HEIGHT = 52;

/** A finding's evidence as a picture; what it says in figures stands beside it. */
export function FindingChart({ chart }: { chart: Chart }) {
  if (chart.kind === 'bars') return <Bars {...chart} />;
  return chart.kind === 'distribution' ? <Spread tensor={chart.tensor} /> : <Course tensor={chart.tensor} />;
}

function Bars({ label, values, marked }: Extract<Chart, { kind: 'bars' }>) {
  const [box, width] = useWidth<HTMLDivElement>();
  const most = Math.max(...values, 1e-30);
  const slot = width / Math.max(1, values.length);
  return (
    <figure className="finding-chart">
      <figcaption>{label}</figcaption>
      <div ref={box}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`${label}, ${values.length} of them, up to ${real(most, 3)}`}
        >
          {values.map((value, i) => {
            const height = Math.max(1, (value / most) * (HEIGHT - 1));
            return (
              <rect
                key={i}
                data-marked={marked.includes(i)}
                x={i * slot + Math.min(1, 0.1 * slot)}
                width={Math.max(0.5, slot - Math.min(2, 0.2 * slot))}
                y={HEIGHT - height}
                height={height}
              />
            );
          })}
        </svg>
      </div>
    </figure>
  );
}

/** Logarithmic counts: what is rare is what it is about. */
function Spread({ tensor }: { tensor: TensorId }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const stats = useStudio((state) => lookup(shownCalibration(state.results)?.activations, tensor) ?? null);
  const range = useStudio((state) => lookup(state.results.plan?.value.activations, tensor)?.range ?? null);
  if (!stats) return null;
  const view = fullView(Math.min(stats.min, range?.min ?? 0), Math.max(stats.max, range?.max ?? 0));
  const bins = Math.max(1, Math.floor(width / 3));
  const counts = rebin(stats.histogram, view.lo, view.hi, bins);
  return (
    <figure className="finding-chart">
      <figcaption>Values, counted logarithmically, and the range in effect</figcaption>
      <div ref={box}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`Values from ${real(stats.min, 3)} to ${real(stats.max, 3)}${range ? `, range ${real(range.min, 3)} to ${real(range.max, 3)}` : ''}`}
        >
          <path className="spread" d={stepPath(counts, countScale(counts, true), { width, height: HEIGHT })} />
          {range &&
            [range.min, range.max].map((end, i) => {
              const x = valueToPixel(view, width, end);
              return <line key={i} className="range-end" x1={x} x2={x} y1={0} y2={HEIGHT} />;
            })}
        </svg>
      </div>
    </figure>
  );
}

function Course({ tensor }: { tensor: TensorId }) {
  const convergence = useStudio(
    (state) => lookup(shownCalibration(state.results)?.activations, tensor)?.convergence ?? null,
  );
  return convergence && <ConvergenceChart convergence={convergence} />;
}
