import { formatsInWords } from '../../../core/quantize/formats-in-words';
import { isUnderWay, type KeptTraining } from '../../../state/slices/training';
import { settingsOf } from '../../../state/store';
import { patch } from '../../../state/store';
import { percent } from '../../parts/format';
import { ErrorCard } from '../../parts/ErrorCard';
import { useController, useStudio, useStudioStore } from '../../app/studio';

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** Trained weights of this model that the browser keeps. */
export function KeptList() {
  const controller = useController();
  const store = useStudioStore();
  const { kept, unreadable, error } = useStudio((state) => state.training);
  if (kept.length === 0 && unreadable.length === 0 && !error) return null;
  return (
    <section className="kept" aria-label="Kept trainings">
      <h3>
        Kept in this browser <span className="quiet">They survive a reload; the newest few stay.</span>
      </h3>
      {error && (
        <ErrorCard
          title="Trained weights are not kept, or not to be had"
          error={error}
          onDismiss={() => patch(store, 'training', { error: null })}
        />
      )}
      <ul>
        {kept.map((record) => (
          <Kept key={record.key} record={record} />
        ))}
        {unreadable.map((key) => (
          <li key={key}>
            <p className="quiet">A training that another version of Rangefinder kept; it cannot be read.</p>
            <button type="button" className="button small" onClick={() => void controller.training.forget(key)}>
              Delete
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Kept({ record }: { record: KeptTraining }) {
  const controller = useController();
  const { trained, savedAt, data } = record;
  const inUse = useStudio((state) => settingsOf(state).trained === trained.id);
  const busy = useStudio((state) => isUnderWay(state.training.run));
  const open = useStudio((state) => state.data.view);
  const seed = useStudio((state) => state.choices.present.data.seed);
  const accuracy = trained.history.find(({ epoch }) => epoch === trained.epoch)?.validationAccuracy ?? null;
  const sameData = open?.name === data.name && open.samples === data.samples;
  const sameSplit = seed === data.seed && open?.evaluationSamples === data.evaluationSamples;
  const label = `Trained weights of ${DATE.format(savedAt)}, ${formatsInWords(trained.from)}`;
  return (
    <li data-on={inUse}>
      <div>
        <p>
          {label}
          {accuracy !== null && `, ${percent(accuracy)}`}
          {inUse && <span className="badge">in use</span>}
        </p>
        <p className="quiet">
          Epoch {trained.epoch} of {trained.training.epochs}
          {accuracy !== null && `, accuracy on ${trained.samples.validation} validation samples`} · {data.name}
        </p>
        {open && !(sameData && sameSplit) && (
          <p className="quiet">
            {sameData
              ? 'Trained with another split: it has seen samples that are evaluated on now.'
              : `Trained on other data than ${open.name}.`}
          </p>
        )}
      </div>
      <div className="actions">
        <button
          type="button"
          className="button small"
          disabled={inUse || busy || !open}
          aria-label={`Restore: ${label}`}
          onClick={() => void controller.training.restore(record.key)}
        >
          Restore
        </button>
        <button
          type="button"
          className="button small bare"
          disabled={busy}
          aria-label={`Delete: ${label}`}
          onClick={() => void controller.training.forget(record.key)}
        >
          Delete
        </button>
      </div>
    </li>
  );
}
