import { useId } from 'react';
import type { ParamSpec } from '../../core/calibration/types';
import { stepped } from '../parts/format';
import { useController } from '../app/studio';

type Values = Readonly<Record<string, number>>;

interface Props {
  readonly params: readonly ParamSpec[];
  /** What is not here has its default. */
  readonly values: Values;
  readonly onChange: (values: Values, coalesce: string | null) => void;
}

/** Hyper-parameters as the tables describe them: a slider each, or a choice where its values have names. */
export function ParamFields({ params, values, onChange }: Props) {
  const controller = useController();
  const id = useId();
  const onSettled = () => controller.endGesture();
  return params.map((param) => {
    const value = values[param.id] ?? param.default;
    const set = (next: number, coalesce: string | null) => onChange({ ...values, [param.id]: next }, coalesce);
    const choices = param.choices ?? (param.min === 0 && param.max === 1 && param.step === 1 ? ['No', 'Yes'] : null);
    return choices ? (
      <label key={param.id} className="labelled">
        <span>{param.label}</span>
        <select className="field" value={value} onChange={({ target }) => set(Number(target.value), null)}>
          {choices.map((name, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </label>
    ) : (
      <label key={param.id} className="range-input">
        <span>{param.label}</span>
        <input
          type="range"
          min={param.min}
          max={param.max}
          step={param.step}
          value={value}
          onPointerUp={onSettled}
          onKeyUp={onSettled}
          onChange={({ target }) => set(Number(target.value), `${id} ${param.id}`)}
        />
        <output>{stepped(value, param.step)}</output>
      </label>
    );
  });
}
