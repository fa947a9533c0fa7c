import { useRef } from 'react';
import { dimensions } from '../../parts/format';
import { readFileList } from '../../app/drop/read-drop';
import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';
import './data.css';

/** What is missing before anything can be computed, asked where the eye is, with every way on. */
export function NeedsData() {
  const controller = useController();
  const input = useRef<HTMLInputElement>(null);
  const model = useStudio((state) => state.model.view);
  const before = useStudio(({ data }) => (data.fromBefore ? (data.view?.name ?? null) : null));
  const unfit = useStudio(({ data }) => (data.outdated ? (data.view?.name ?? null) : null));
  const noise = useStudio(({ data }) => data.view?.kind === 'random');
  if (!model) return null;
  const shapes = model.inputs.map(({ shape }) => dimensions(shape)).join(' and ');
  const images = isImage(model.inputs[0]?.shape ?? []);
  return (
    <section className="panel needs-data" aria-label="What is missing">
      <h2>
        Drop {images ? 'images' : 'data'} for <span className="mono">{model.name}</span> ({shapes})
      </h2>
      <p className="quiet">
        {unfit !== null && `“${unfit}” does not fit this model. `}
        {before !== null &&
          `“${before}” was opened for another model; nothing is computed with it unless it is meant for this one, too. `}
        Class folders of images or recordings, a zip, npy/npz, IDX or CSV. A few hundred samples like those of its later
        use are enough; seeded noise shows the arithmetic, but no accuracy.
      </p>
      <div className="ways-on">
        <button type="button" className="button primary" onClick={() => input.current?.click()}>
          <Icon name="file" />
          Choose {images ? 'images' : 'data'}…
        </button>
        <input
          ref={input}
          hidden
          type="file"
          multiple
          aria-label="Data for this model"
          onChange={({ target }) => {
            const files = readFileList(target.files ?? []);
            target.value = '';
            if (files.length > 0) void controller.opener.open({ model: [], data: files });
          }}
        />
        <button type="button" className="button" onClick={() => void controller.opener.useRandomData()}>
          <Icon name="dice" />
          Use seeded noise
        </button>
        {before !== null && !noise && (
          <button type="button" className="button" onClick={() => void controller.opener.keepData()}>
            Keep {before}
          </button>
        )}
      </div>
    </section>
  );
}

/** Height, width and one, three or four channels. */
function isImage(shape: readonly number[]): boolean {
  return shape.length === 4 && [1, 3, 4].includes(shape[3]);
}
