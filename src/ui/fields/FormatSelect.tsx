import { isStorable } from '../../core/quantize/format-choice';
import { formatOf, FORMATS } from '../../core/number-formats/table';
import { Explained } from '../parts/Tip';

/** What choosing a format means for the file comes before what family it is of. */
const GROUPS = [
  { storable: true, label: 'In a .tflite file' },
  { storable: false, label: 'Simulated here, no file' },
] as const;

export const USUAL_FORMAT = 'int8';

/** Stands for values that differ, where a select needs one. */
export const MIXED = '~';

interface Props {
  readonly label: string;
  /** Files hold other formats of weights than of activations. */
  readonly kind: 'weights' | 'activations';
  /** null: inherited. */
  readonly value: string | null;
  /** What is inherited where there is no own; absent where one must be chosen. */
  readonly inherited?: string | undefined;
  /** What following others is called; by default that it is as in the model, and what that is. */
  readonly inheritedText?: string;
  /** Of several layers that differ in this. */
  readonly mixed?: boolean;
  readonly onChange: (id: string | null) => void;
}

/** Every number format, those first that can be exported. */
export function FormatSelect({ label, kind, value, onChange, inheritedText, mixed = false, ...rest }: Props) {
  const inherits = 'inherited' in rest;
  const row = formatOf(value ?? rest.inherited ?? USUAL_FORMAT);
  return (
    <Explained text={row?.explain}>
      <label className="labelled">
        <span>{label}</span>
        <select
          className="field format-select"
          value={mixed ? MIXED : (value ?? (inherits ? '' : USUAL_FORMAT))}
          onChange={({ target }) => onChange(target.value || null)}
        >
          {mixed && (
            <option value={MIXED} disabled>
              different
            </option>
          )}
          {inherits && (
            <option value="">
              {inheritedText ?? `as the model: ${formatOf(rest.inherited ?? USUAL_FORMAT)?.label}`}
            </option>
          )}
          {GROUPS.map((group) => (
            <optgroup key={group.label} label={group.label}>
              {FORMATS.filter((format) => isStorable(format, kind) === group.storable).map((format) => (
                <option key={format.id} value={format.id}>
                  {format.label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    </Explained>
  );
}
