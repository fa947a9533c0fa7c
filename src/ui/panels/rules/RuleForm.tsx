import { useMemo, useState } from 'react';
import type { OpKind } from '../../../core/graph/ops/attrs';
import { matchingLayers } from '../../../core/quantize/rules';
import type { LayerOverride, LayerRule, RulePlace } from '../../../core/quantize/settings';
import { settingsOf } from '../../../state/store';
import { EstimatorPicker } from '../../fields/EstimatorPicker';
import { FormatSelect } from '../../fields/FormatSelect';
import { GranularitySelect } from '../../fields/GranularitySelect';
import { RangeFields } from '../../fields/RangeFields';
import { useStudio } from '../../app/studio';
import { labelsOf, targetsOf } from './use-ruled';
import { countText } from './count-text';

interface Props {
  /** null: a new one. */
  readonly rule: LayerRule | null;
  readonly onSave: (rule: LayerRule) => void;
  readonly onCancel: () => void;
}

const PLACES: readonly { readonly id: RulePlace; readonly label: string }[] = [
  { id: 'ends', label: 'First and last with weights' },
  { id: 'first', label: 'First with weights' },
  { id: 'last', label: 'Last with weights' },
];

/** Which layers, and what they get. Takes effect when it is saved, as one step to undo. */
export default function RuleForm({ rule, onSave, onCancel }: Props) {
  const model = useStudio((state) => state.model.view)!;
  const settings = useStudio(settingsOf);
  const [name, setName] = useState(rule?.name ?? '');
  const [kind, setKind] = useState<OpKind | ''>(rule?.kind ?? '');
  const [place, setPlace] = useState<RulePlace | ''>(rule?.place ?? '');
  const [override, setOverride] = useState<LayerOverride>(rule?.override ?? {});
  const kinds = useMemo(() => [...new Set(model.layers.map((layer) => layer.kind))], [model]);
  const selector = {
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(kind && { kind }),
    ...(place && { place }),
  };
  const matching = matchingLayers(selector, targetsOf(model));
  /** null takes the choice back. */
  const set = <K extends keyof LayerOverride>(key: K, value: LayerOverride[K] | null) => {
    const { [key]: _dropped, ...rest } = override;
    setOverride(value === null ? rest : { ...rest, [key]: value });
  };
  return (
    <form
      className="rule-form"
      aria-label={rule ? 'Change the rule' : 'New rule'}
      onSubmit={(event) => {
        event.preventDefault();
        onSave({ ...selector, override });
      }}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
    >
      <label className="labelled">
        <span>Name</span>
        <input
          className="field"
          value={name}
          placeholder="any; * stands for anything"
          autoComplete="off"
          autoFocus
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <label className="labelled">
        <span>Op</span>
        <select className="field" value={kind} onChange={({ target }) => setKind(target.value as OpKind | '')}>
          <option value="">any</option>
          {kinds.map((each) => (
            <option key={each} value={each}>
              {labelsOf(model)(each)}
            </option>
          ))}
        </select>
      </label>
      <label className="labelled">
        <span>Place</span>
        <select className="field" value={place} onChange={({ target }) => setPlace(target.value as RulePlace | '')}>
          <option value="">any</option>
          {PLACES.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet" role="status">
        {countText(matching.length)}
        {matching.length > 0 &&
          `: ${matching
            .slice(0, 3)
            .map((layer) => layer.name.split(';')[0])
            .join(', ')}${matching.length > 3 ? ' …' : ''}`}
      </p>
      <label className="labelled">
        <span>Run in</span>
        <select
          className="field"
          value={override.keepFloat === undefined ? '' : String(override.keepFloat)}
          onChange={({ target }) => set('keepFloat', target.value === '' ? null : target.value === 'true')}
        >
          <option value="">not said</option>
          <option value="true">float</option>
          <option value="false">integers</option>
        </select>
      </label>
      {(['weight', 'activation'] as const).map((part) => {
        const usual = part === 'weight' ? settings.weights : settings.activations;
        return (
          <fieldset key={part} disabled={override.keepFloat === true}>
            <legend>{part === 'weight' ? 'Weights' : 'Output'}</legend>
            <FormatSelect
              label="Format"
              kind={part === 'weight' ? 'weights' : 'activations'}
              value={override[`${part}Format`] ?? null}
              inherited={usual.format}
              onChange={(id) => set(`${part}Format`, id)}
            />
            {part === 'weight' && (
              <GranularitySelect
                label="Scale per"
                value={override.granularity ?? null}
                inherited={settings.weights.granularity}
                onChange={(value) => set('granularity', value)}
              />
            )}
            <EstimatorPicker
              label="Range by"
              choice={override[`${part}Estimator`] ?? null}
              inherited={usual.estimator}
              onChange={(choice) => set(`${part}Estimator`, choice)}
            />
            <RangeFields
              range={override[`${part}Range`] ?? null}
              symmetric={part === 'weight'}
              onChange={(range) => set(`${part}Range`, range)}
            />
          </fieldset>
        );
      })}
      <div className="rule-form-buttons">
        <button type="submit" className="button primary small" disabled={Object.keys(override).length === 0}>
          {rule ? 'Change' : 'Add rule'}
        </button>
        <button type="button" className="button small" onClick={onCancel}>
          Cancel
        </button>
        {Object.keys(override).length === 0 && <span className="quiet">Choose what these layers get.</span>}
      </div>
    </form>
  );
}
