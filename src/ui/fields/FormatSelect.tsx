import type { FormatFamily } from '../../core/number-formats/row';
import { formatOf, FORMATS } from '../../core/number-formats/table';
import { Explained } from '../parts/Tip';

const FAMILIES: readonly { readonly id: FormatFamily; readonly label: string }[] = [
  { id: 'integer', label: 'Integers' },
  { id: 'fp8', label: 'FP8' },
  { id: 'half', label: '16-bit floats' },
  { id: 'small-float', label: 'Small floats' },
  { id: 'flexible', label: 'FP8, flexible bias' },
  { id: 'microscaling', label: 'Microscaling blocks' },
];

export const USUAL_FORMAT = 'int8';

/** Stands for values that differ, where a select needs one. */
export const MIXED = '~';

interface Props {
  readonly label: string;
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

/** Every number format, by family. */
export function FormatSelect({ label, value, onChange, inheritedText, mixed = false, ...rest }: Props) {
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
          {FAMILIES.map(({ id, label: family }) => (
            <optgroup key={id} label={family}>
              {FORMATS.filter((format) => format.family === id).map((format) => (
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
