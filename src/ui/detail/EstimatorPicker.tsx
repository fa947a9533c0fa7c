import { useId } from 'react';
import type { EstimatorChoice } from '../../core/quantize/settings';
import { ESTIMATORS } from '../../core/ranges/estimators/table';
import { real } from '../format';
import { useController } from '../studio';

interface Props {
  readonly label: string;
  readonly choice: EstimatorChoice | null;
  /** The choice that holds where there is none of its own; absent where there must be one. */
  readonly inherited?: EstimatorChoice;
  readonly onChange: (choice: EstimatorChoice | null, coalesce: string | null) => void;
}

/** How a range is found, with the parameters of the estimator as sliders. */
export function EstimatorPicker({ label, choice, inherited, onChange }: Props) {
  const controller = useController();
  const onSettled = () => controller.endGesture();
  const id = useId();
  const estimator = choice ? ESTIMATORS.find((row) => row.id === choice.id) : undefined;
  return (
    <div className="estimator">
      <label className="labelled">
        <span>{label}</span>
        <select
          className="field"
          value={choice?.id ?? ''}
          title={estimator?.explain}
          onChange={({ target }) => {
            const row = ESTIMATORS.find((entry) => entry.id === target.value);
            if (!row) return onChange(null, null);
            onChange({ id: row.id, params: Object.fromEntries(row.params.map((p) => [p.id, p.default])) }, null);
          }}
        >
          {inherited && <option value="">as the model: {labelOf(inherited)}</option>}
          {ESTIMATORS.map((row) => (
            <option key={row.id} value={row.id}>
              {row.label}
            </option>
          ))}
        </select>
      </label>
      {choice &&
        estimator?.params.map((param) => {
          const value = choice.params[param.id] ?? param.default;
          const set = (next: number, coalesce: string | null) =>
            onChange({ ...choice, params: { ...choice.params, [param.id]: next } }, coalesce);
          if (param.choices)
            return (
              <label key={param.id} className="labelled">
                <span>{param.label}</span>
                <select className="field" value={value} onChange={({ target }) => set(Number(target.value), null)}>
                  {param.choices.map((name, i) => (
                    <option key={name} value={i}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
            );
          return (
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
              <output>{real(value)}</output>
            </label>
          );
        })}
    </div>
  );
}

export function labelOf({ id }: EstimatorChoice): string {
  return ESTIMATORS.find((row) => row.id === id)?.label ?? id;
}
