/** Several layers at once: what they have in common, and one change for all of them. */
import { lookup } from '../../../base/lookup';
import { useMemo } from 'react';
import type { LayerView } from '../../../jobs/contract/protocol';
import {
  changeLayers,
  manualRanges,
  resetLayers,
  tensorEstimators,
  type LayerChange,
} from '../../../state/edits/edits';
import { settingsOf } from '../../../state/store';
import { EstimatorPicker } from '../../fields/EstimatorPicker';
import { compact } from '../../parts/format';
import { FormatSelect } from '../../fields/FormatSelect';
import { GranularitySelect } from '../../fields/GranularitySelect';
import { Icon } from '../../parts/Icon';
import { RangeFields } from '../../fields/RangeFields';
import { Segmented } from '../../parts/Segmented';
import { useController, useStudio } from '../../app/studio';
import { useRuledLayers } from '../rules/use-ruled';
import { commonOf } from './common';
import './bulk.css';

export default function BulkPanel() {
  const controller = useController();
  const marked = useStudio((state) => state.selection.marked);
  const model = useStudio((state) => state.model.view);
  const layers = useMemo(() => model?.layers.filter(({ id }) => marked.includes(id)) ?? [], [model, marked]);
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const weighted = layers.filter(({ weight }) => weight);
  const settings = useStudio(settingsOf);
  const tensors = layers.flatMap(({ output, weight }) => (weight ? [output.id, weight.id] : [output.id]));
  const own =
    layers.some(({ id }) => Object.hasOwn(settings.layers, id)) ||
    tensors.some((id) => Object.hasOwn(settings.tensors, id));
  return (
    <section className="panel bulk" aria-label={`${layers.length} layers together`}>
      <header>
        <h2>{layers.length} layers</h2>
        <span className="quiet">{compact(parameters)} parameters</span>
        <button
          type="button"
          className="button small"
          disabled={!own}
          onClick={() =>
            controller.edit(
              resetLayers(
                layers.map(({ id }) => id),
                tensors,
              ),
            )
          }
        >
          <Icon name="reset" />
          Reset
        </button>
      </header>
      <div className="body">
        <details>
          <summary className="quiet">{namesOf(layers)}</summary>
          <ul className="bulk-names">
            {layers.map(({ id, name, label }) => (
              <li key={id}>
                <button type="button" className="link" onClick={() => controller.select(id)}>
                  {name}
                </button>{' '}
                <span className="quiet">{label}</span>
              </li>
            ))}
          </ul>
        </details>
        <KeepFloat layers={layers} />
        {weighted.length > 0 && <Choices kind="weights" layers={weighted} of={layers.length} />}
        <Choices kind="activations" layers={layers} of={layers.length} />
        <p className="quiet">Each change is one step to undo. What is not touched here stays as it is in each layer.</p>
      </div>
    </section>
  );
}

function namesOf(layers: readonly LayerView[]): string {
  const names = layers.slice(0, 3).map(({ name }) => name.split(';')[0].split('/').at(-1));
  return `${names.join(', ')}${layers.length > 3 ? ` and ${layers.length - 3} more` : ''}`;
}

interface Props {
  readonly layers: readonly LayerView[];
}

function useChange(layers: readonly LayerView[]) {
  const controller = useController();
  return (change: LayerChange) =>
    controller.edit(
      changeLayers(
        layers.map(({ id }) => id),
        change,
      ),
    );
}

function KeepFloat({ layers }: Props) {
  const free = layers.filter(({ floatOnlyReason }) => floatOnlyReason === undefined);
  const overrides = useStudio((state) => settingsOf(state).layers);
  const ruled = useRuledLayers();
  const change = useChange(free);
  const byRule = free.some(({ id }) => lookup(ruled, id)?.keepFloat);
  const kept = free.map(({ id }) => lookup(overrides, id)?.keepFloat ?? lookup(ruled, id)?.keepFloat ?? false);
  const common = commonOf(kept);
  if (free.length === 0) return <p className="quiet">None of these has an int8 kernel: they stay in float.</p>;
  return (
    <div className="labelled">
      <span>Run in</span>
      <Segmented
        label="Run in"
        options={[
          { value: 'quantized', label: 'Integers' },
          { value: 'float', label: 'Float' },
        ]}
        value={common.mixed ? 'different' : common.value ? 'float' : 'quantized'}
        onChange={(value) => change({ keepFloat: value === 'float' ? true : byRule ? false : null })}
      />
      {common.mixed && (
        <span className="quiet">
          {kept.filter(Boolean).length} of {free.length} in float
        </span>
      )}
    </div>
  );
}

function Choices({ kind, layers, of }: Props & { kind: 'weights' | 'activations'; of: number }) {
  const controller = useController();
  const settings = useStudio(settingsOf);
  const change = useChange(layers);
  const weights = kind === 'weights';
  const tensors = layers.map(({ output, weight }) => (weights ? weight!.id : output.id));
  const formats = commonOf(
    layers.map(({ id }) => lookup(settings.layers, id)?.[weights ? 'weightFormat' : 'activationFormat']),
  );
  const estimators = commonOf(tensors.map((id) => lookup(settings.tensors, id)?.estimator));
  const granularity = commonOf(layers.map(({ id }) => lookup(settings.layers, id)?.granularity));
  const range = commonOf(tensors.map((id) => lookup(settings.tensors, id)?.range));
  const ranges = tensors.filter(
    (id) => lookup(settings.tensors, id)?.range || lookup(settings.tensors, id)?.channels,
  ).length;
  return (
    <fieldset className="bulk-choices">
      <legend>
        {weights ? 'Weights' : 'Output activations'}{' '}
        {layers.length < of && <span className="quiet">of {layers.length} layers</span>}
      </legend>
      <FormatSelect
        label="Format"
        kind={kind}
        value={formats.value}
        mixed={formats.mixed}
        inherited={settings[kind].format}
        inheritedText="as rules or model"
        onChange={(id) => change(weights ? { weightFormat: id } : { activationFormat: id })}
      />
      {weights && (
        <GranularitySelect
          label="Scale per"
          value={granularity.value}
          mixed={granularity.mixed}
          inherited={settings.weights.granularity}
          inheritedText="as rules or model"
          onChange={(value) => change({ granularity: value })}
        />
      )}
      <EstimatorPicker
        label="Range by"
        choice={estimators.value}
        mixed={estimators.mixed}
        inherited={settings[kind].estimator}
        inheritedText="as rules or model"
        onChange={(choice, coalesce) => controller.edit(tensorEstimators(tensors, choice), coalesce)}
      />
      <RangeFields
        range={range.value}
        symmetric={weights}
        onChange={(value) => controller.edit(manualRanges(tensors, value))}
      />
      {ranges > 0 && range.mixed && (
        <p className="quiet">
          {ranges} of {tensors.length} have manual ranges, which a choice made here replaces.
        </p>
      )}
    </fieldset>
  );
}
