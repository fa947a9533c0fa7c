import { useMemo } from 'react';
import { formatOf } from '../../../core/number-formats/table';
import { GRANULARITIES } from '../../../core/quantize/rule-text';
import { trainedInUse } from '../../../state/results/comparison';
import { codes, granularity, modelEstimator, modelFormat } from '../../../state/edits/edits';
import { isTunable } from '../../../state/slices/model';
import { settingsOf } from '../../../state/store';
import { EstimatorPicker } from '../../fields/EstimatorPicker';
import { FormatSelect, USUAL_FORMAT } from '../../fields/FormatSelect';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio } from '../../app/studio';
import { InputFormat } from './InputFormat';
import './settings.css';

/** Which codes weights can have, by the number of bits. */
function weightCodes(format = USUAL_FORMAT) {
  const codes = 2 ** (formatOf(format)?.bits ?? 8);
  return [
    { value: null, label: `symmetric, narrow range (−${codes / 2 - 1} … ${codes / 2 - 1})` },
    { value: 'full', label: `symmetric, full range (−${codes / 2} … ${codes / 2 - 1})` },
    { value: 'asymmetric', label: 'asymmetric' },
  ] as const;
}
const ACTIVATION_CODES = [
  { value: null, label: 'asymmetric' },
  { value: 'symmetric', label: 'symmetric' },
] as const;

const isInteger = (format: string | undefined) => format === undefined || formatOf(format)?.family === 'integer';

interface CodesProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T | null; readonly label: string }[];
  readonly value: T | undefined;
  readonly onChange: (value: T | null) => void;
}

/** Which codes of an integer format are used; the first option is what files have. */
function CodesSelect<T extends string>({ label, options, value, onChange }: CodesProps<T>) {
  return (
    <label className="labelled">
      <span>{label}</span>
      <select
        className="field format-select"
        value={value ?? ''}
        onChange={({ target }) => onChange((target.value || null) as T | null)}
      >
        {options.map((option) => (
          <option key={option.label} value={option.value ?? ''}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How ranges are found for every tensor that has no choice of its own. */
export function ModelSettings() {
  const controller = useController();
  const settings = useStudio(settingsOf);
  const trained = useStudio(trainedInUse);
  // Ranges that training found are no exceptions, as long as nobody changes them.
  const usual = trained?.settings;
  const own = useMemo(() => {
    const differing = <T,>(all: Readonly<Record<string, T>>, known: Readonly<Record<string, T>> = {}) =>
      Object.keys(all).filter((id) => all[id] !== known[id]).length;
    return differing(settings.tensors, usual?.tensors) + differing(settings.layers, usual?.layers);
  }, [settings, usual]);
  const model = useStudio((state) => state.model.view);
  const usable = useStudio((state) => isTunable(state.model));
  return (
    <section className="panel model-settings" aria-label="Ranges of the whole model">
      <header>
        <h2>Ranges</h2>
        <button
          type="button"
          className="button small"
          disabled={own === 0}
          onClick={() =>
            controller.edit((current) => ({
              ...current,
              tensors: usual?.tensors ?? {},
              layers: usual?.layers ?? {},
            }))
          }
        >
          {own === 0 ? 'No exceptions' : `Clear ${own} exception${own === 1 ? '' : 's'}`}
        </button>
      </header>
      <fieldset className="body" disabled={!usable}>
        <EstimatorPicker
          label="Activations"
          explained={usable}
          choice={settings.activations.estimator}
          onChange={(choice, coalesce) => choice && controller.edit(modelEstimator('activations', choice), coalesce)}
        />
        <EstimatorPicker
          label="Weights"
          // The same sentence twice would say no more.
          explained={usable && settings.weights.estimator.id !== settings.activations.estimator.id}
          choice={settings.weights.estimator}
          onChange={(choice, coalesce) => choice && controller.edit(modelEstimator('weights', choice), coalesce)}
        />
        <div className="formats">
          {(['weights', 'activations'] as const).map((kind) => (
            <FormatSelect
              key={kind}
              kind={kind}
              label={kind === 'weights' ? 'Weights as' : 'Activations as'}
              value={settings[kind].format ?? USUAL_FORMAT}
              onChange={(id) => id !== null && controller.edit(modelFormat(kind, id))}
            />
          ))}
          {settings.activations.format !== undefined && model && (
            <InputFormat model={model} format={settings.activations.format} />
          )}
          {usable && isInteger(settings.weights.format) && (
            <CodesSelect
              label="Weight codes"
              options={weightCodes(settings.weights.format)}
              value={settings.weights.codes}
              onChange={(value) => controller.edit(codes('weights', value))}
            />
          )}
          {usable && isInteger(settings.activations.format) && (
            <CodesSelect
              label="Activation codes"
              options={ACTIVATION_CODES}
              value={settings.activations.codes}
              onChange={(value) => controller.edit(codes('activations', value))}
            />
          )}
        </div>
        <div className="labelled">
          <span>Weights per</span>
          <Segmented
            label="Weight ranges per"
            options={GRANULARITIES.map(({ id, label }) => ({ value: id, label: label.split(' ')[0] }))}
            value={settings.weights.granularity}
            onChange={(value) => controller.edit(granularity(value))}
          />
        </div>
        {model?.alreadyQuantized && <p className="quiet">This file is quantized already: it opens for viewing.</p>}
      </fieldset>
    </section>
  );
}
