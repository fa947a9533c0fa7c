import { useMemo } from 'react';
import { granularity, modelEstimator, modelFormat } from '../../state/edits';
import { settingsOf } from '../../state/store';
import { EstimatorPicker } from '../detail/EstimatorPicker';
import { FormatSelect, USUAL_FORMAT } from '../parts/FormatSelect';
import { Segmented } from '../parts/Segmented';
import { useController, useStudio } from '../studio';
import './settings.css';

/** How ranges are found for every tensor that has no choice of its own. */
export function ModelSettings() {
  const controller = useController();
  const settings = useStudio(settingsOf);
  const own = useMemo(() => Object.keys(settings.tensors).length + Object.keys(settings.layers).length, [settings]);
  const model = useStudio((state) => state.model.view);
  return (
    <section className="panel model-settings" aria-label="Ranges of the whole model">
      <header>
        <h2>Ranges</h2>
        <button
          type="button"
          className="button small"
          disabled={own === 0}
          onClick={() => controller.edit((current) => ({ ...current, tensors: {}, layers: {} }))}
        >
          {own === 0 ? 'No exceptions' : `Clear ${own} exception${own === 1 ? '' : 's'}`}
        </button>
      </header>
      <fieldset className="body" disabled={!model?.computable || model.alreadyQuantized}>
        <EstimatorPicker
          label="Activations"
          choice={settings.activations.estimator}
          onChange={(choice, coalesce) => choice && controller.edit(modelEstimator('activations', choice), coalesce)}
        />
        <EstimatorPicker
          label="Weights"
          choice={settings.weights.estimator}
          onChange={(choice, coalesce) => choice && controller.edit(modelEstimator('weights', choice), coalesce)}
        />
        <div className="formats">
          {(['weights', 'activations'] as const).map((kind) => (
            <FormatSelect
              key={kind}
              label={kind === 'weights' ? 'Weights as' : 'Activations as'}
              value={settings[kind].format ?? USUAL_FORMAT}
              onChange={(id) => id !== null && controller.edit(modelFormat(kind, id))}
            />
          ))}
        </div>
        <div className="labelled">
          <span>Weights per</span>
          <Segmented
            label="Weight ranges per"
            options={[
              { value: 'channel', label: 'Channel' },
              { value: 'tensor', label: 'Tensor' },
            ]}
            value={settings.weights.granularity}
            onChange={(value) => controller.edit(granularity(value))}
          />
        </div>
        {model?.alreadyQuantized && <p className="quiet">This file is quantized already: it opens for viewing.</p>}
      </fieldset>
    </section>
  );
}
