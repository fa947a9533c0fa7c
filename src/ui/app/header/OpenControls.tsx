import { useRef } from 'react';
import { patch } from '../../../state/store';
import { readFileList } from '../drop/read-drop';
import { Icon, type IconName } from '../../parts/Icon';
import { useController, useStudio, useStudioStore } from '../studio';
import { lockedProps, useLock } from '../use-lock';
import { Tip } from '../../parts/Tip';

/** Samples, and the ways in besides dropping. */
export function OpenControls() {
  const controller = useController();
  const store = useStudioStore();
  const { list, current } = useStudio((state) => state.samples);
  return (
    <div className="open-controls" {...lockedProps(useLock('open'))}>
      {list.length > 0 && (
        <label className="labelled">
          <span className="visually-hidden">Sample</span>
          <select
            className="field"
            // A lesson brings files of its own.
            value={list.some(({ id }) => id === current) ? current! : ''}
            onChange={(event) => void controller.opener.openSample(event.target.value)}
          >
            <option value="" disabled>
              Samples…
            </option>
            {list.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      <Picker
        icon="file"
        label="Model"
        title="Open a model: .tflite, .onnx, .keras, .h5, or model.json with its shards"
      />
      <Picker icon="file" label="Data" title="Open data: zip, npy/npz, IDX, CSV, images or WAV" data />
      <Picker icon="folder" label="Folder" title="Open a folder of images, one subfolder per class" data folder />
      <Tip text="Open by web address">
        <button type="button" className="button" onClick={() => patch(store, 'ui', { dialog: 'url' })}>
          <Icon name="link" />
          <span>URL</span>
        </button>
      </Tip>
      <Tip text="Learn quantization on this studio: predict, act, observe">
        <button type="button" className="button" onClick={() => patch(store, 'lessons', { screen: 'gallery' })}>
          <Icon name="play" />
          <span>Lessons</span>
        </button>
      </Tip>
    </div>
  );
}

interface PickerProps {
  readonly icon: IconName;
  readonly label: string;
  readonly title: string;
  readonly data?: boolean;
  readonly folder?: boolean;
}

function Picker({ icon, label, title, data, folder }: PickerProps) {
  const controller = useController();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Tip text={title}>
        <button type="button" className="button" onClick={() => input.current?.click()}>
          <Icon name={icon} />
          <span>{label}</span>
        </button>
      </Tip>
      <input
        ref={input}
        hidden
        type="file"
        aria-label={title}
        data-testid={`pick-${label.toLowerCase()}`}
        multiple
        {...(folder && { webkitdirectory: '' })}
        onChange={(event) => {
          const files = readFileList(event.target.files ?? []);
          event.target.value = '';
          if (files.length === 0) return;
          // Picked as data is data; picked as a model still goes by content, so that both may come at once.
          void (data ? controller.opener.open({ model: [], data: files }) : controller.opener.openFiles(files));
        }}
      />
    </>
  );
}
