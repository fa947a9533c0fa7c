import type { Convergence } from '../../../core/calibration/convergence';
import { useWidth } from '../../charts/use-width';
import { integer, real } from '../../parts/format';
import { coursePath } from './course-path';

const HEIGHT = 64;

/** How a range moved while samples came in: extrema, and the percentiles that rare values hardly move. */
export function ConvergenceChart({ convergence }: { convergence: Convergence }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const { samples, mins, maxs, lows, highs } = convergence;
  const last = samples.length - 1;
  if (last < 1) return null;
  const extent = { lo: Math.min(0, ...mins), hi: Math.max(0, ...maxs) };
  const path = (values: Float32Array) => coursePath(samples, values, extent, { width, height: HEIGHT });
  return (
    <figure className="finding-chart convergence">
      <figcaption>
        Range after so many samples
        <span className="legend">
          <i className="extrema" /> extrema <i className="percentiles" /> 0.1 % and 99.9 %
        </span>
      </figcaption>
      <div ref={box}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`From ${real(mins[0]!, 3)} … ${real(maxs[0]!, 3)} after ${samples[0]} samples to ${real(mins[last]!, 3)} … ${real(maxs[last]!, 3)} after ${samples[last]}`}
        >
          <path className="extrema" d={path(maxs)} />
          <path className="extrema" d={path(mins)} />
          <path className="percentiles" d={path(highs)} />
          <path className="percentiles" d={path(lows)} />
        </svg>
      </div>
      <p className="chart-ends">
        <span>{integer(samples[0]!)}</span>
        <span>{integer(samples[last]!)} samples</span>
      </p>
    </figure>
  );
}
