/** Everything by which work leaves the page or stays in it: project file, report, link, and what the browser keeps. */
import { useState } from 'react';
import { toErrorInfo, type ErrorInfo } from '../../../base/errors';
import { freshness } from '../../../state/slices/results';
import { settingsOf } from '../../../state/store';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { Dialog } from '../../parts/Dialog';
import { ErrorCard } from '../../parts/ErrorCard';
import { bytes } from '../../parts/format';
import { download } from '../export/download';
import './project.css';

export default function ProjectDialog({ onClose }: { readonly onClose: () => void }) {
  const [error, setError] = useState<ErrorInfo | null>(null);
  const guarded = (work: () => Promise<void>) => () => {
    setError(null);
    void work().catch((thrown: unknown) => setError(toErrorInfo(thrown)));
  };
  return (
    <Dialog title="Project" onClose={onClose}>
      <div className="project-dialog">
        {error && <ErrorCard title="That did not work" error={error} />}
        <SaveProject guarded={guarded} />
        <Reports guarded={guarded} />
        <Share guarded={guarded} />
        <Kept />
      </div>
    </Dialog>
  );
}

interface PartProps {
  readonly guarded: (work: () => Promise<void>) => () => void;
}

function SaveProject({ guarded }: PartProps) {
  const controller = useController();
  const store = useStudioStore();
  const hasModel = useStudio(({ model }) => model.view !== null);
  const hasFiles = useStudio(({ data }) => data.view !== null && data.view.kind !== 'random');
  const [model, setModel] = useState(true);
  const [data, setData] = useState(false);
  const save = guarded(async () => {
    const { projectExtras } = await import('./project-extras');
    const { name, bytes: content } = await controller.projects.save(
      { model, data },
      await projectExtras(store.getState()),
    );
    download(name, new Blob([content]));
  });
  return (
    <section>
      <h3>Project file</h3>
      <p className="quiet">
        Settings with their undo, runs, trained weights and the report in one file. Drop it here again, or open it with
        the command line: rangefinder open.
      </p>
      <div className="project-choices">
        <label>
          <input type="checkbox" checked={model} onChange={({ target }) => setModel(target.checked)} /> with the model
        </label>
        <label>
          <input
            type="checkbox"
            checked={data && hasFiles}
            disabled={!hasFiles}
            onChange={({ target }) => setData(target.checked)}
          />{' '}
          with the data
        </label>
        <button type="button" className="button primary" disabled={!hasModel} onClick={save}>
          Save project
        </button>
      </div>
    </section>
  );
}

function Reports({ guarded }: PartProps) {
  const store = useStudioStore();
  const ready = useStudio(
    (s) => freshness(s.results.evaluation, settingsOf(s), s.results.basis) === 'fresh' && s.results.exported !== null,
  );
  const save = (kind: 'html' | 'card') =>
    guarded(async () => {
      const { writtenReport } = await import('./written-report');
      const { name, blob } = writtenReport(store.getState(), kind);
      download(name, blob);
    });
  return (
    <section>
      <h3>Report</h3>
      <p className="quiet">
        One page with charts, tables, settings and checks. It opens offline, prints well, and dropped here it is a
        project again. The model card is for a repository.
      </p>
      <div className="project-choices">
        <button type="button" className="button" disabled={!ready} onClick={save('html')}>
          Report (HTML)
        </button>
        <button type="button" className="button" disabled={!ready} onClick={save('card')}>
          Model card (Markdown)
        </button>
      </div>
    </section>
  );
}

function Share({ guarded }: PartProps) {
  const controller = useController();
  const hasModel = useStudio(({ model }) => model.view !== null);
  const own = useStudio(({ samples }) => samples.current === null);
  const [link, setLink] = useState<{ readonly url: string; readonly isLong: boolean } | null>(null);
  const share = guarded(async () => {
    const made = await controller.projects.link(location.href);
    setLink(made);
    // Where the page may not write to the clipboard, the field below is copied from.
    if (made) await navigator.clipboard?.writeText(made.url).catch(() => undefined);
  });
  return (
    <section>
      <h3>Link</h3>
      <p className="quiet">
        Settings, view and selected layer in the address; never data, never weights.
        {own && ' Whoever opens it is asked for the model’s file.'}
      </p>
      <div className="project-choices">
        <button type="button" className="button" disabled={!hasModel} onClick={share}>
          Copy link
        </button>
        {link && (
          <input
            className="field"
            aria-label="Link"
            readOnly
            value={link.url}
            onFocus={({ target }) => target.select()}
          />
        )}
      </div>
      {link?.isLong && (
        <p className="quiet">
          It is {link.url.length.toLocaleString('en')} characters long, which some programs cut off: a project file is
          safer.
        </p>
      )}
    </section>
  );
}

function Kept() {
  const controller = useController();
  const { savedAt, storedBytes } = useStudio((state) => state.work);
  return (
    <section>
      <h3>Kept in this browser</h3>
      <p className="quiet">
        {savedAt === null
          ? 'Changes are kept as you go, and offered again after a reload.'
          : `Kept at ${new Date(savedAt).toLocaleTimeString()}, and offered again after a reload.`}
        {storedBytes !== null && ` ${bytes(storedBytes)} in use by this site, cached engines included.`}
      </p>
      <button type="button" className="button" onClick={() => void controller.autosave.clear()}>
        Clear kept work
      </button>
    </section>
  );
}
