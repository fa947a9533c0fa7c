import { settingsOf } from '../../../state/store';
import { decibels, integer, scoreText, timeLeft } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';
import { sameSettings } from '../../../core/quantize/settings-key';

/** One button for all of it: tries each step, keeps what helps on samples that nothing was learnt from, and says why. */
export function Recommended() {
  const controller = useController();
  const job = useStudio((state) => state.jobs.running.find(({ name }) => name === 'improve') ?? null);
  const ready = useStudio(({ results, data }) => results.plan?.basis === results.basis && data.opening === null);
  const found = useStudio(({ results }) => (results.improvement?.basis === results.basis ? results.improvement : null));
  const taken = useStudio((state) => sameSettings(settingsOf(state), found?.value.settings));
  const left = job?.progress.remainingMs;
  return (
    <section className="recommended" aria-label="Recommended pipeline">
      <div className="recommended-head">
        <p>
          <b>Let Rangefinder try them.</b>{' '}
          <span className="quiet">
            Equalization, ranges of weights, rounding, ranges of activations: each stays only if it helps on samples
            that nothing was learnt from.
          </span>
        </p>
        <button
          type="button"
          className="button primary"
          disabled={!ready || job !== null}
          onClick={() => void controller.improve()}
        >
          Improve
        </button>
      </div>
      {job && (
        <p className="quiet" role="status">
          {job.progress.stage} · {Math.round(100 * job.progress.fraction)} %
          {left !== undefined && left > 900 && ` · ${timeLeft(left)}`}
        </p>
      )}
      {found && (
        <>
          <ol className="decisions" aria-label="Decisions">
            {found.value.steps.map((step) => (
              <li key={step.step} data-kept={step.kept}>
                <Icon name={step.kept ? 'check' : 'close'} />
                <div>
                  <p>
                    {step.label}: <b>{step.choice}</b> {step.kept ? 'kept' : 'left out'}{' '}
                    <span className="quiet">
                      {decibels(step.before)} → {decibels(step.after)}
                    </span>
                  </p>
                  <p className="quiet">{step.why}</p>
                  {step.tried.length > 1 && (
                    <details className="quiet">
                      <summary>{step.tried.length} tried</summary>
                      {step.tried.map(({ label, sqnrDb }) => `${label} ${decibels(sqnrDb)}`).join(' · ')}
                    </details>
                  )}
                </div>
              </li>
            ))}
          </ol>
          <p className="outcome-line">
            On {integer(found.value.samples)} held samples: {scoreText(found.value.before.score)} →{' '}
            <b>{scoreText(found.value.after.score)}</b>, output {decibels(found.value.before.sqnrDb)} →{' '}
            {decibels(found.value.after.sqnrDb)}
            {!job && !taken && (
              <button type="button" className="button small" onClick={() => controller.takeImprovement()}>
                Use these settings
              </button>
            )}
          </p>
        </>
      )}
    </section>
  );
}
