import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly onCommit: (value: number) => void;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly disabled?: boolean;
  /** Characters the field is wide. */
  readonly width?: number;
  readonly hideLabel?: boolean;
  /** Id of what explains it. */
  readonly describedBy?: string;
}

/** A number that commits on Enter or on leaving, so that half a number never takes effect; Escape takes it back. */
export function NumberField(props: Props) {
  const { label, value, onCommit, min, max, whole, disabled, width = 9, hideLabel, describedBy } = props;
  const [text, setText] = useState<string | null>(null);
  const parsed = text === null ? value : Number(text.replace('−', '-').replace(',', '.'));
  const valid =
    (text === null || text.trim() !== '') &&
    Number.isFinite(parsed) &&
    (!whole || Number.isInteger(parsed)) &&
    (min === undefined || parsed >= min) &&
    (max === undefined || parsed <= max);
  const commit = () => {
    if (text !== null && valid && parsed !== value) onCommit(parsed);
    setText(null);
  };
  return (
    <label className="labelled">
      <span className={hideLabel ? 'visually-hidden' : undefined}>{label}</span>
      <input
        className="field mono"
        style={{ width: `${width + 2}ch` }}
        inputMode="decimal"
        value={text ?? String(Number(value.toPrecision(5)))}
        disabled={disabled}
        aria-invalid={!valid}
        // Half a number is taken back by the field itself; undo is about the settings otherwise.
        data-undo={text === null ? 'settings' : 'field'}
        aria-describedby={describedBy}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setText(null);
        }}
      />
    </label>
  );
}
