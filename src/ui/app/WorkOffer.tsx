import { patch } from '../../state/store';
import { Icon } from '../parts/Icon';
import { takeUpdate } from './offline';
import { useController, useStudio, useStudioStore } from './studio';

/** One line for what lasts: work that can be taken up again, work that waits for a model's file, and why nothing is kept. */
export function WorkOffer() {
  const controller = useController();
  const store = useStudioStore();
  const { restorable, awaited, update, error } = useStudio((state) => state.work);
  return (
    <>
      {restorable && (
        <aside className="welcome" aria-label="Work that was kept">
          <p>
            Your work on <b>{restorable.model}</b> of {when(restorable.savedAt)} is still here.
          </p>
          <button type="button" className="button small primary" onClick={() => void controller.autosave.restore()}>
            Restore
          </button>
          <button type="button" className="button small" onClick={() => void controller.autosave.discard()}>
            Discard
          </button>
        </aside>
      )}
      {awaited && (
        <aside className="welcome" aria-label="A model that is waited for">
          <p>
            {capital(awaited.from)} is about <b>{awaited.model}</b>: open or drop that model’s file, and it goes on from
            there.
          </p>
          <button type="button" className="button small" onClick={() => controller.projects.forgo()}>
            Not now
          </button>
        </aside>
      )}
      {update && (
        <aside className="welcome" aria-label="A newer version">
          <p>A newer Rangefinder is ready. What you did here is kept.</p>
          <button
            type="button"
            className="button small primary"
            onClick={() => void controller.autosave.save().then(takeUpdate)}
          >
            Take it
          </button>
          <button type="button" className="button small" onClick={() => patch(store, 'work', { update: false })}>
            Later
          </button>
        </aside>
      )}
      {error && (
        <aside className="welcome" role="alert">
          <p>
            {error.message} {error.hint}
          </p>
          <button
            type="button"
            className="button bare small icon"
            aria-label="Dismiss"
            onClick={() => patch(store, 'work', { error: null })}
          >
            <Icon name="close" />
          </button>
        </aside>
      )}
    </>
  );
}

function when(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
