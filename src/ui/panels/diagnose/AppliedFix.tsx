import { currentScore } from '../../../state/results/diagnoser';
import { deltaText, deltaTone, scoreText } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';

/** The fix just taken, and the accuracy before and after it as soon as there is one. */
export function AppliedFix() {
  const controller = useController();
  const applied = useStudio(({ diagnosis }) => diagnosis.applied);
  const after = useStudio(currentScore);
  if (!applied) return null;
  const { before, label, title } = applied;
  const comparable = before && after && before.metric === after.metric;
  const delta = comparable ? after.value - before.value : NaN;
  // Scores of other numbers of samples are of other samples: only the same ones say that a fix did harm.
  const isWorse = comparable && after.samples === before.samples && deltaTone(after.metric, delta) === 'bad';
  return (
    <section className="applied" aria-label="Fix applied" data-tone={isWorse ? 'warn' : 'good'}>
      <Icon name={isWorse ? 'alert' : 'check'} />
      <p role="status">
        <b>{label}</b> <span className="quiet">against “{title}”</span>
        <br />
        {before && (
          <>
            {scoreText(before)} <span aria-hidden="true">→</span>
            <span className="visually-hidden">to</span>{' '}
          </>
        )}
        {after ? <b>{scoreText(after)}</b> : <span className="quiet">measuring the accuracy…</span>}{' '}
        {comparable && Number.isFinite(delta) && (
          <span data-tone={deltaTone(after.metric, delta)}>{deltaText(after.metric, delta)}</span>
        )}
        {after && <span className="quiet"> on {after.samples.toLocaleString('en-US')} samples</span>}
        {isWorse && <b> It made the result worse.</b>}
      </p>
      <button type="button" className="button small" onClick={() => controller.undo()}>
        Undo
      </button>
    </section>
  );
}
