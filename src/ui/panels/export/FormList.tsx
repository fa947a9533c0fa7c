import { useEffect } from 'react';
import type { FormFigures, FormOffer, FormResult } from '../../../jobs/contract/form-protocol';
import { freshness } from '../../../state/slices/results';
import { settingsOf } from '../../../state/store';
import { useController, useStudio } from '../../app/studio';
import { bytes, integer, milliseconds, scoreText } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { Tip } from '../../parts/Tip';
import { download } from './download';

/** One row a form that the file can have: it is made, run in its own runtime, and then offered with what that run said. */
export default function FormList() {
  const controller = useController();
  const offers = useStudio((state) => state.forms.offers);
  const waiting = useStudio((state) => state.forms.waiting);
  const current = useStudio(
    (state) => freshness(state.forms.offers, settingsOf(state), state.results.basis) === 'fresh',
  );
  const planned = useStudio(
    (state) => freshness(state.results.plan, settingsOf(state), state.results.basis) === 'fresh',
  );
  useEffect(() => {
    if (planned && !current) void controller.forms.offer();
  }, [controller, planned, current]);
  if (!offers) return <p className="quiet">Open a model and data to see which forms it can have.</p>;
  const possible = offers.value.filter(({ whyNot }) => whyNot === null).map(({ id }) => id);
  return (
    <>
      <div className="forms-head">
        <p className="quiet">Each file is run in its own runtime before it is offered.</p>
        {waiting.length > 0 ? (
          <button type="button" className="button small" onClick={() => controller.forms.stop()}>
            Stop
          </button>
        ) : (
          <button type="button" className="button small" onClick={() => void controller.forms.make(possible)}>
            Make all
          </button>
        )}
      </div>
      <ul className="forms">
        {offers.value.map((offer) => (
          <FormRow key={offer.id} offer={offer} />
        ))}
      </ul>
    </>
  );
}

function FormRow({ offer }: { readonly offer: FormOffer }) {
  const controller = useController();
  const made = useStudio((state) => state.forms.made[offer.id] ?? null);
  const state = useStudio((s) => freshness(s.forms.made[offer.id] ?? null, settingsOf(s), s.results.basis));
  const error = useStudio((s) => s.forms.errors[offer.id] ?? null);
  const waits = useStudio((s) => s.forms.waiting.includes(offer.id));
  const running = useStudio((s) => s.forms.waiting[0] === offer.id);
  const progress = useStudio((s) => s.jobs.running.find(({ name }) => name === 'exportForm')?.progress ?? null);
  const fresh = state === 'fresh' && made !== null;
  return (
    <li className="form-row" data-offered={offer.whyNot === null}>
      <div className="form-title">
        <Tip text={offer.explain}>
          <h3 tabIndex={0}>{offer.title}</h3>
        </Tip>
        {offer.whyNot !== null ? null : fresh ? (
          <button
            type="button"
            className="button small primary"
            aria-label={`Download ${offer.title}`}
            onClick={() => download(made.value.fileName, new Blob([made.value.bytes.slice()]))}
          >
            <Icon name="download" />
            {bytes(made.value.bytes.byteLength)}
          </button>
        ) : (
          <button
            type="button"
            className="button small"
            aria-label={`Make ${offer.title}`}
            disabled={waits}
            onClick={() => void controller.forms.make([offer.id])}
          >
            {running && progress ? `${Math.round(100 * progress.fraction)} %` : waits ? 'Waiting' : 'Make'}
          </button>
        )}
      </div>
      {offer.whyNot !== null ? (
        <p className="quiet">Not for this model: {offer.whyNot}.</p>
      ) : error ? (
        <p className="quiet">
          {error.message} {error.hint}
        </p>
      ) : fresh ? (
        <Outcome result={made.value} />
      ) : null}
    </li>
  );
}

/** What the file's own run said, and what it asks for. */
function Outcome({ result: { figures, minimumRuntime, notes } }: { readonly result: FormResult }) {
  return (
    <>
      {figures ? <Measured figures={figures} /> : <p className="quiet">Nothing here runs this form.</p>}
      {(minimumRuntime !== null || notes.length > 0) && (
        <details className="quiet">
          <summary>
            {minimumRuntime === null ? 'Notes' : `Needs ${minimumRuntime} or newer`}
            {notes.length > 0 && ` · ${notes.length} note${notes.length === 1 ? '' : 's'}`}
          </summary>
          <ul className="notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Measured({ figures }: { readonly figures: FormFigures }) {
  const { score, samples, predictionsChanged, elements, elementsChanged, runtime } = figures;
  const changed =
    predictionsChanged === null
      ? `${integer(elementsChanged)} of ${integer(elements)} values differ from float`
      : `${integer(predictionsChanged)} of ${integer(samples)} predictions changed`;
  return (
    <p className="form-figures">
      <strong>{scoreText(score)}</strong> · {changed} · {milliseconds(figures.milliseconds)} · {runtime}
    </p>
  );
}
