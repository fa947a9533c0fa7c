import { useMemo } from 'react';
import type { AffineParams } from '../../../core/numerics/affine';
import type { NumberFormat } from '../../../core/number-formats/format';
import { numberLine } from '../../../core/number-formats/describe';
import { valueToPixel, type View } from '../../charts/geometry';

const HEIGHT = 12;

interface Props {
  readonly format: NumberFormat;
  readonly params: AffineParams;
  readonly view: View;
  readonly width: number;
}

/** A stroke for every value that can be represented, on the axis of the histogram above. */
export function NumberLine({ format, params, view, width }: Props) {
  // Closer than two pixels, strokes would run into one another: fewer are drawn, with their density kept.
  const line = useMemo(
    () => numberLine(format, params, view.lo, view.hi, Math.max(16, width / 2)),
    [format, params, view, width],
  );
  const path = useMemo(() => {
    let strokes = '';
    for (const value of line.values) strokes += `M${valueToPixel(view, width, value).toFixed(1)} 0v${HEIGHT}`;
    return strokes;
  }, [line, view, width]);
  return (
    <div className="number-line">
      <svg width={width} height={HEIGHT} role="img" aria-label={`${line.values.length} representable values in view`}>
        <path d={path} />
      </svg>
      <p className="quiet">
        Representable values
        {line.stride > 1 && `, every ${line.stride}${line.stride === 2 ? 'nd' : line.stride === 3 ? 'rd' : 'th'}`}
      </p>
    </div>
  );
}
