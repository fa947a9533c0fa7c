import type { Range } from '../../core/calibration/types';
import { NumberField } from './NumberField';

interface Props {
  /** null: none set. */
  readonly range: Range | null;
  /** Weights: one number is both ends. */
  readonly symmetric: boolean;
  readonly onChange: (range: Range | null) => void;
}

/** A manual range, or none. */
export function RangeFields({ range, symmetric, onChange }: Props) {
  return (
    <div className="range-fields">
      <label className="labelled">
        <span>Manual range</span>
        <input
          type="checkbox"
          checked={range !== null}
          onChange={({ target }) =>
            onChange(target.checked ? { min: symmetric ? -1 : 0, max: symmetric ? 1 : 6 } : null)
          }
        />
      </label>
      {range && symmetric && (
        <NumberField label="±" value={range.max} min={0} onCommit={(max) => onChange({ min: -max, max })} width={6} />
      )}
      {range && !symmetric && (
        <>
          <NumberField
            label="from"
            value={range.min}
            max={0}
            onCommit={(min) => onChange({ ...range, min })}
            width={6}
          />
          <NumberField label="to" value={range.max} min={0} onCommit={(max) => onChange({ ...range, max })} width={6} />
        </>
      )}
    </div>
  );
}
