import { GRANULARITIES, granularityText } from '../../core/quantize/rule-text';
import type { Granularity } from '../../core/quantize/settings';
import { MIXED } from './FormatSelect';

interface Props {
  readonly label: string;
  /** null: inherited. */
  readonly value: Granularity | null;
  readonly inherited: Granularity;
  /** What following others is called; by default that it is as in the model, and what that is. */
  readonly inheritedText?: string;
  readonly mixed?: boolean;
  readonly onChange: (value: Granularity | null) => void;
}

/** Who shares a scale among a layer's weights. */
export function GranularitySelect({ label, value, inherited, inheritedText, mixed = false, onChange }: Props) {
  return (
    <label className="labelled">
      <span>{label}</span>
      <select
        className="field"
        value={mixed ? MIXED : (value ?? '')}
        onChange={({ target }) => onChange((target.value || null) as Granularity | null)}
      >
        {mixed && (
          <option value={MIXED} disabled>
            different
          </option>
        )}
        <option value="">{inheritedText ?? `as the model: ${granularityText(inherited)}`}</option>
        {GRANULARITIES.map((row) => (
          <option key={row.id} value={row.id}>
            {row.label}
          </option>
        ))}
      </select>
    </label>
  );
}
