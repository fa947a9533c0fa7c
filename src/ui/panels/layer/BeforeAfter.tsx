import type { Range } from '../../../core/calibration/types';
import { decibels, real, smallPercent } from '../../parts/format';
import { Legend } from '../../charts/Legend';
import { liveFigures, type Part } from './live';

export interface Side {
  readonly parts: readonly Part[];
  readonly range: Range | null;
}

interface Props {
  /** Extent of the float values. */
  readonly float: Range;
  readonly before: Side;
  readonly after: Side;
}

/** Which line of the histogram is which, and what each range means: float, quantized, trained. */
export function BeforeAfter({ float, before, after }: Props) {
  const columns = [before, after].map(({ parts, range }) => {
    const figures = liveFigures(parts);
    const scales = new Set(parts.map(({ scale }) => scale));
    return {
      range: range ? span(range) : '–',
      scale: !figures ? '–' : scales.size > 1 ? `${parts.length} scales` : real(figures.scale),
      clipped: figures ? smallPercent(figures.clippedShare) : '–',
      sqnr: figures ? decibels(figures.sqnrDb) : '–',
    };
  });
  const rows = [
    ['Range', span(float), 'range'],
    ['Scale', '–', 'scale'],
    ['Clipped', '–', 'clipped'],
    ['SQNR of rounding it', '–', 'sqnr'],
  ] as const;
  return (
    <>
      <Legend
        items={[
          { id: 'float', look: 'area', of: 'float', label: 'Float' },
          { id: 'quant', look: 'dashed', of: 'quant', label: 'PTQ' },
          { id: 'qat', look: 'line', of: 'qat', label: 'QAT' },
        ]}
      />
      <table className="before-after">
        <thead>
          <tr>
            <td />
            <th scope="col" className="of-float">
              Float
            </th>
            <th scope="col" className="of-quant">
              PTQ
            </th>
            <th scope="col" className="of-qat">
              QAT
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value, key]) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              {columns.map((column, i) => (
                <td key={i}>{column[key]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const span = ({ min, max }: Range) => `${real(min, 3)} … ${real(max, 3)}`;
