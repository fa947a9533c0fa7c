import { decibels, real, smallPercent } from '../../parts/format';
import { Term } from '../../glossary/Term';
import { Formula } from './Formula';
import type { LiveFigures } from './live';

/** What the range under the handles means, in numbers. The formula is the whole of affine quantization. */
export function Figures({ figures, scales }: { figures: LiveFigures | null; scales: readonly number[] }) {
  const { scale, zeroPoint } = figures ?? {};
  const many = new Set(scales).size > 1;
  const cells = [
    ['Clipped', 'clipping', figures && smallPercent(figures.clippedShare), 'Share of values outside the range'],
    [
      'Scale',
      'scale',
      figures && (many ? `${scales.length} scales` : real(figures.scale)),
      'Real difference between neighbouring codes',
    ],
    ['Zero point', 'zero-point', figures && real(figures.zeroPoint), 'The code that stands for 0'],
    [
      'Clipping error',
      'clipping',
      figures && real(figures.clippingRmse),
      'Root mean square error from values outside the range',
    ],
    [
      'Rounding error',
      'rounding',
      figures && real(figures.roundingRmse),
      'Root mean square error from rounding to codes',
    ],
    [
      'SQNR of rounding',
      'sqnr',
      figures && decibels(figures.sqnrDb),
      'Signal to quantization noise of this tensor alone',
    ],
  ] as const;
  return (
    <div className="figures">
      <dl>
        {cells.map(([name, term, value, explain]) => (
          <div key={name}>
            <dt>
              <Term of={term} also={explain}>
                {name}
              </Term>
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
