import { useRef } from 'react';
import { patch } from '../../../state/store';
import { readFileList } from '../../app/drop/read-drop';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { integer } from '../../parts/format';
import { ErrorCard } from '../../parts/ErrorCard';
import { Icon } from '../../parts/Icon';
import { NumberField } from '../../fields/NumberField';
import { PipelineEditor } from './PipelineEditor';
import { Previews } from './Previews';
import { TaskPicker } from './TaskPicker';
import { Tip } from '../../parts/Tip';
import './data.css';

/** The open data: what it is, how it is prepared and why, whether that fits the model, and how it is split. */
export function DataPanel() {
  const controller = useController();
  const { view, opening, waiting, error, outdated } = useStudio((state) => state.data);
  const store = useStudioStore();
  const hasModel = useStudio((state) => state.model.view !== null);
  return (
    <section className="panel data" aria-label="Data" aria-busy={opening !== null}>
      <header>
        <h2>Data {view && <span className="quiet">{view.name}</span>}</h2>
        <Tip text="Seeded noise in the input’s likely range, for a model without data">
          <button
            type="button"
            className="button small"
            disabled={!hasModel || opening !== null}
            onClick={() => void controller.opener.useRandomData()}
          >
            <Icon name="dice" />
            Random
          </button>
        </Tip>
      </header>
      <div className="body">
        {error && (
          <ErrorCard
            title={outdated ? 'The data cannot be prepared so' : 'The data cannot be used with this model'}
            error={error}
            // What is wrong with prepared data stays said until it is mended.
            {...(!outdated && { onDismiss: () => patch(store, 'data', { error: null }) })}
          />
        )}
        {!view && !error && (
          <p className="quiet">
            {opening !== null
              ? `Opening ${opening}…`
              : waiting !== null
                ? `“${waiting}” is kept until a model says what it needs.`
                : 'Drop class folders of images or recordings, a zip, npy/npz, IDX or CSV; or use random data to see the model quantized at all.'}
          </p>
        )}
        {view && (
          <>
            <Previews previews={view.previews} />
            <p className="quiet">
              {integer(view.samples)} {view.kind === 'images' ? 'images' : 'samples'} of {view.sampleShape.join(' × ')}
              {view.labelled ? classText(view.classNames) : ' · no labels: measured by agreement with the float model'}
            </p>
            {view.kind !== 'random' && <LabelPicker labelled={view.labelled} disabled={opening !== null} />}
            <Split />
            {view.kind === 'random' && (
              <p className="quiet">
                Noise shows the arithmetic, not the accuracy: fewer samples than of real data are enough to see ranges
                and to check the file.
              </p>
            )}
            {!outdated && <TaskPicker />}
            <div>
              <h3>Preprocessing</h3>
              {!outdated && <p className="words">{view.inWords}</p>}
            </div>
            <PipelineEditor steps={view.preprocessing} guessed={view.preprocessingGuessed} />
            <ul className="doctor" aria-label="Data doctor">
              {/* What was found with another model, or prepared otherwise, says nothing of this. */}
              {(outdated ? [] : view.doctor).map(({ severity, message, fix }) => (
                <li key={message} data-severity={severity}>
                  <Icon name={severity === 'ok' ? 'check' : 'alert'} />
                  <span>{message}</span>
                  {fix && (
                    <button
                      type="button"
                      className="button small"
                      onClick={() => controller.editData({ preprocessing: fix })}
                    >
                      Fix
                    </button>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

/** Labels that lie beside the samples: one a line, a column, an array. */
function LabelPicker({ labelled, disabled }: { labelled: boolean; disabled: boolean }) {
  const controller = useController();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Tip text="npy, IDX, CSV or text with one label per line, in the samples’ order or with their file names first">
        <button
          type="button"
          className="button small label-picker"
          disabled={disabled}
          onClick={() => input.current?.click()}
        >
          <Icon name="file" />
          {labelled ? 'Other labels…' : 'Labels from a file…'}
        </button>
      </Tip>
      <input
        ref={input}
        hidden
        type="file"
        aria-label="Labels from a file"
        data-testid="pick-labels"
        onChange={({ target }) => {
          const [labels] = readFileList(target.files ?? []);
          target.value = '';
          if (labels) void controller.opener.useLabels(labels);
        }}
      />
    </>
  );
}

function Split() {
  const controller = useController();
  const split = useStudio((state) => state.choices.present.data);
  const view = useStudio((state) => state.data.view);
  return (
    <div className="split">
      <NumberField
        label="Calibrate on"
        value={split.calibrationSamples}
        whole
        min={1}
        max={1e6}
        width={5}
        onCommit={(calibrationSamples) => controller.editData({ calibrationSamples })}
      />
      <NumberField
        label="Evaluate on"
        value={split.evaluationSamples}
        whole
        min={1}
        max={1e6}
        width={5}
        onCommit={(evaluationSamples) => controller.editData({ evaluationSamples })}
      />
      <NumberField
        label="Seed"
        value={split.seed}
        whole
        min={0}
        max={2 ** 31 - 1}
        width={4}
        onCommit={(seed) => controller.editData({ seed })}
      />
      {view && (
        <p className="quiet">
          In effect: {integer(view.calibrationSamples)} to calibrate, {integer(view.evaluationSamples)} others to
          evaluate.
        </p>
      )}
    </div>
  );
}

function classText(names: readonly string[]): string {
  if (names.length === 0) return ' · labelled';
  const shown = names.slice(0, 10).join(', ');
  return ` · ${names.length} classes: ${shown}${names.length > 10 ? ', …' : ''}`;
}
