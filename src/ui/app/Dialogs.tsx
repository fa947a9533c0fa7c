import { lazy, Suspense } from 'react';
import { patch } from '../../state/store';
import { Ruler } from '../glossary/Ruler';
import { TERMS } from '../glossary/terms';
import { Dialog } from '../parts/Dialog';
import { useController, useStudio, useStudioStore } from './studio';
import { ACTIONS, PANEL_KEYS } from './actions';

const ProjectDialog = lazy(() => import('../panels/project/ProjectDialog'));

export default function Dialogs() {
  const store = useStudioStore();
  const open = useStudio((state) => state.ui.dialog);
  const close = () => patch(store, 'ui', { dialog: null });
  if (open === 'url') return <UrlDialog onClose={close} />;
  if (open === 'project')
    return (
      <Suspense>
        <ProjectDialog onClose={close} />
      </Suspense>
    );
  if (open === 'shortcuts') return <ShortcutsDialog onClose={close} />;
  return null;
}

function UrlDialog({ onClose }: { onClose: () => void }) {
  const controller = useController();
  return (
    <Dialog title="Open by web address" onClose={onClose}>
      <p className="quiet">
        A .tflite, .onnx, .keras, .h5 or model.json (its shards are fetched too), or a data archive. The file comes
        straight to this page. An address can also be pasted anywhere.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const url = new FormData(event.currentTarget).get('url');
          onClose();
          if (typeof url === 'string' && url.trim()) void controller.opener.openUrl(url);
        }}
      >
        <input
          className="field"
          name="url"
          aria-label="Address"
          placeholder="https://…"
          autoComplete="off"
          data-focus
        />
        <button type="submit" className="button primary">
          Open
        </button>
      </form>
    </Dialog>
  );
}

function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard and words" onClose={onClose}>
      <dl className="shortcuts">
        {[...Object.values(ACTIONS), ...PANEL_KEYS].map(({ label, keys }) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <h3>Words</h3>
      <Ruler />
      <dl className="words-list">
        {Object.entries(TERMS).map(([id, { title, says }]) => (
          <div key={id}>
            <dt>{title}</dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
