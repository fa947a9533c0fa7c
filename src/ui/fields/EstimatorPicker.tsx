import type { EstimatorChoice } from '../../core/quantize/settings';
import { ESTIMATORS } from '../../core/calibration/estimators/table';
import { MIXED } from './FormatSelect';
import { ParamFields } from './ParamFields';
import { Explained } from '../parts/Tip';

interface Props {
  readonly label: string;
  readonly choice: EstimatorChoice | null;
  /** The choice that holds where there is none of its own; absent where there must be one. */
  readonly inherited?: EstimatorChoice;
  /** What following others is called; by default that it is as in the model, and what that is. */
  readonly inheritedText?: string;
  /** Of several layers that differ in this. */
  readonly mixed?: boolean;
  /** Says in a sentence what the chosen one does. */
  readonly explained?: boolean;
  readonly onChange: (choice: EstimatorChoice | null, coalesce: string | null) => void;
}

/** How a range is found, with the parameters of the estimator as sliders. */
export function EstimatorPicker({
  label,
  choice,
  inherited,
  inheritedText,
  mixed = false,
  explained = false,
  onChange,
}: Props) {
  const estimator = choice ? ESTIMATORS.find((row) => row.id === choice.id) : undefined;
  return (
    <div className="estimator">
      <Explained text={estimator?.explain}>
        <label className="labelled">
          <span>{label}</span>
          <select
            className="field"
            value={mixed ? MIXED : (choice?.id ?? '')}
            onChange={({ target }) => {
              const row = ESTIMATORS.find((entry) => entry.id === target.value);
              if (!row) return onChange(null, null);
              onChange({ id: row.id, params: Object.fromEntries(row.params.map((p) => [p.id, p.default])) }, null);
            }}
          >
            {mixed && (
              <option value={MIXED} disabled>
                different
              </option>
            )}
            {inherited && <option value="">{inheritedText ?? `as the model: ${labelOf(inherited)}`}</option>}
            {ESTIMATORS.map((row) => (
              <option key={row.id} value={row.id}>
                {row.label}
              </option>
            ))}
          </select>
        </label>
      </Explained>
      {explained && estimator && <p className="quiet estimator-explain">{estimator.explain}</p>}
      {choice && estimator && !mixed && (
        <ParamFields
          params={estimator.params}
          values={choice.params}
          onChange={(params, coalesce) => onChange({ ...choice, params }, coalesce)}
        />
      )}
    </div>
  );
}

export function labelOf({ id }: EstimatorChoice): string {
  return ESTIMATORS.find((row) => row.id === id)?.label ?? id;
}
