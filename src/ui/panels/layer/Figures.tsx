import { decibels, real, smallPercent } from '../../parts/format';
import { Formula } from './Formula';
import type { LiveFigures } from './live';
import { Hint } from '../../parts/Tip';

/** What the range under the handles means, in numbers. The formula is the whole of affine quantization. */
export function Figures({ figures, scales }: { figures: LiveFigures | null; scales: readonly number[] }) {
  const { scale, zeroPoint } = figures ?? {};
  const many = new Set(scales).size > 1;
  const cells = [
    ['Clipped', figures && smallPercent(figures.clippedShare), 'Share of values outside the range'],
    [
      'Scale',
      figures && (many ? `${scales.length} scales` : real(figures.scale)),
      'Real difference between neighbouring codes',
    ],
    ['Zero point', figures && real(figures.zeroPoint), 'The code that stands for 0'],
    ['Clipping error', figures && real(figures.clippingRmse), 'Root mean square error from values outside the range'],
    ['Rounding error', figures && real(figures.roundingRmse), 'Root mean square error from rounding to codes'],
    ['SQNR', figures && decibels(figures.sqnrDb), 'Signal to quantization noise of this tensor alone'],
  ] as const;
  return (
    <div className="figures">
      <dl>
        {cells.map(([name, value, explain]) => (
          <div key={name}>
            <dt>
              <Hint text={explain}>{name}</Hint>
            </dt>
            <dd>{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
      <p className="formula mono">
        <Formula scale={scale === undefined || many ? undefined : scale} zeroPoint={zeroPoint} />
        {many && (
          <span className="quiet">
            , scale {real(Math.min(...scales))} … {real(Math.max(...scales))} by channel
          </span>
        )}
      </p>
    </div>
  );
}
