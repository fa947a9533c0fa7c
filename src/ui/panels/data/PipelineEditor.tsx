import { useState } from 'react';
import type { PreprocessStep, Preprocessing } from '../../../core/data/types';
import { Icon } from '../../parts/Icon';
import { NumberField } from '../../fields/NumberField';
import { useController } from '../../app/studio';
import { moveStep, parseNumbers, STEP_KINDS, STEPS, type StepField, type StepRow } from './steps';

/** From a file's sample to the model's input, step by step; every edit is one undoable change and calibrates anew. */
export function PipelineEditor({ steps, guessed }: { steps: Preprocessing; guessed: boolean }) {
  const controller = useController();
  const set = (preprocessing: Preprocessing | undefined) => controller.editData({ preprocessing });
  return (
    <div className="pipeline">
      <ol>
        {steps.map((step, i) => (
          <li key={`${i} ${step.kind}`}>
            <div className="step-head">
              <span className="label">
                {i + 1}. {STEPS[step.kind].label}
              </span>
              <StepButton icon="up" label="Move up" disabled={i === 0} onClick={() => set(moveStep(steps, i, i - 1))} />
              <StepButton
                icon="down"
                label="Move down"
                disabled={i === steps.length - 1}
                onClick={() => set(moveStep(steps, i, i + 1))}
              />
              <StepButton icon="close" label="Remove" onClick={() => set(steps.filter((_, at) => at !== i))} />
            </div>
            <div className="step-fields">
              {fieldsOf(step).map((field) => (
                <Field
                  key={field.label}
                  field={field}
                  step={step}
                  onChange={(next) => set(steps.map((old, at) => (at === i ? next : old)))}
                />
              ))}
            </div>
          </li>
        ))}
        {steps.length === 0 && <li className="quiet">Values go into the model as they are in the file.</li>}
      </ol>
      <div className="pipeline-foot">
        <label className="labelled">
          <span className="visually-hidden">Add a step</span>
          <select
            className="field"
            value=""
            onChange={({ target }) => {
              const kind = STEP_KINDS.find((entry) => entry === target.value);
              if (kind) set([...steps, STEPS[kind].initial]);
            }}
          >
            <option value="">Add a step…</option>
            {STEP_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {STEPS[kind].label}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button small bare" disabled={guessed} onClick={() => set(undefined)}>
          {guessed ? 'Guessed from the model' : 'Back to the guess'}
        </button>
      </div>
    </div>
  );
}

/** The table is exact per kind; walking it for any step needs the union. */
function fieldsOf(step: PreprocessStep): readonly StepField<PreprocessStep>[] {
  return (STEPS[step.kind] as unknown as StepRow & { fields: readonly StepField<PreprocessStep>[] }).fields;
}

interface FieldProps {
  readonly field: StepField<PreprocessStep>;
  readonly step: PreprocessStep;
  readonly onChange: (step: PreprocessStep) => void;
}

function Field({ field, step, onChange }: FieldProps) {
  if (field.kind === 'number')
    return (
      <NumberField
        label={field.label}
        value={field.get(step)}
        width={7}
        {...(field.whole && { whole: true })}
        {...(field.min !== undefined && { min: field.min })}
        onCommit={(value) => onChange(field.set(step, value))}
      />
    );
  if (field.kind === 'choice')
    return (
      <label className="labelled">
        <span>{field.label}</span>
        <select
          className="field"
          value={field.get(step)}
          onChange={({ target }) => onChange(field.set(step, target.value))}
        >
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      </label>
    );
  return (
    <NumbersField
      label={field.label}
      values={field.get(step)}
      onCommit={(values) => onChange(field.set(step, values))}
    />
  );
}

function NumbersField(props: { label: string; values: readonly number[]; onCommit: (values: number[]) => void }) {
  const { label, values, onCommit } = props;
  const [text, setText] = useState<string | null>(null);
  const shown = values.map((v) => Number(v.toPrecision(6))).join(', ');
  const parsed = text === null ? null : parseNumbers(text);
  const commit = () => {
    if (parsed) onCommit(parsed);
    setText(null);
  };
  return (
    <label className="labelled">
      <span>{label}</span>
      <input
        className="field mono"
        value={text ?? shown}
        aria-invalid={text !== null && parsed === null}
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

interface StepButtonProps {
  readonly icon: 'up' | 'down' | 'close';
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function StepButton({ icon, label, disabled, onClick }: StepButtonProps) {
  return (
    <button type="button" className="button bare small icon" aria-label={label} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
