import { useId } from 'react';
import type { QatSettings } from '../../../core/training/settings';
import { NumberField } from '../../fields/NumberField';
import { useController, useStudio } from '../../app/studio';
import { SETTINGS, shownSettings, type SettingId } from './settings-table';

/** How to train: what matters most, and the rest on demand. */
export function TrainForm({ disabled }: { disabled: boolean }) {
  const training = useStudio((state) => state.choices.present.training);
  return (
    <fieldset className="train-form" disabled={disabled} aria-label="Training settings">
      <div className="setting-grid">
        {shownSettings(training, false).map((id) => (
          <Setting key={id} id={id} training={training} />
        ))}
      </div>
      <details>
        <summary>More settings</summary>
        <div className="setting-grid">
          {shownSettings(training, true).map((id) => (
            <Setting key={id} id={id} training={training} />
          ))}
        </div>
      </details>
    </fieldset>
  );
}

function Setting({ id, training }: { id: SettingId; training: QatSettings }) {
  const controller = useController();
  const help = useId();
  const row = SETTINGS[id];
  const value = training[id];
  const set = (next: unknown) => controller.editTraining({ [id]: next });
  return (
    <div className="setting">
      {row.kind === 'number' ? (
        <NumberField
          label={row.label}
          value={Number(value)}
          min={row.min}
          max={row.max}
          whole={row.whole ?? false}
          describedBy={help}
          onCommit={set}
        />
      ) : row.kind === 'choice' ? (
        <label className="labelled">
          <span>{row.label}</span>
          <select
            className="field"
            value={String(value)}
            aria-describedby={help}
            onChange={({ target }) => set(target.value)}
          >
            {Object.entries(row.choices).map(([choice, words]) => (
              <option key={choice} value={choice}>
                {words}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <label className="labelled">
          <span>{row.label}</span>
          <span className="switch">
            <input
              type="checkbox"
              role="switch"
              checked={Boolean(value)}
              aria-describedby={help}
              onChange={({ target }) => set(target.checked)}
            />
          </span>
        </label>
      )}
      <p id={help} className="quiet">
        {row.explain}
      </p>
    </div>
  );
}
