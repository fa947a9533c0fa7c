import { useShallow } from 'zustand/react/shallow';
import { changeBetween } from '../../../core/metrics/interval';
import { sureDifferenceText, toneOf } from '../../../core/metrics/words';
import type { Score } from '../../../jobs/contract/judgement-protocol';
import { currentScore } from '../../../state/results/diagnoser';
import { judgedLoss, type JudgedLoss } from '../../../state/results/judged-loss';
import type { Applied } from '../../../state/slices/diagnosis';
import { deltaText, deltaTone, scoreText } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';

/** The fix just taken, and the accuracy before and after it as soon as there is one. */
export function AppliedFix() {
  const controller = useController();
  const applied = useStudio(({ diagnosis }) => diagnosis.applied);
  const after = useStudio(currentScore);
  const loss = useStudio(useShallow(judgedLoss));
  if (!applied) return null;
  const { before, label, title } = applied;
  const change = changeOf(applied, loss, after);
  const isWorse = change?.tone === 'bad';
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
        {change && <span data-tone={change.tone}>{change.text}</span>}
        {after && <span className="quiet"> on {after.samples.toLocaleString('en-US')} samples</span>}
        {isWorse && <b> It made the result worse.</b>}
      </p>
      <button type="button" className="button small" onClick={() => controller.undo()}>
        Undo
      </button>
    </section>
  );
}

/** What the fix changed; nothing where other samples were judged, of which no difference can be told. */
function changeOf({ before, loss: lossBefore }: Applied, loss: JudgedLoss | null, after: Score | null) {
  if (!before || !after || before.metric !== after.metric || before.samples !== after.samples) return null;
  const { metric } = after;
  if (loss && lossBefore && Number.isFinite(lossBefore.value) && lossBefore.n === loss.difference.n) {
    const difference = changeBetween(lossBefore, loss.difference);
    return { tone: toneOf(metric, difference), text: sureDifferenceText(metric, difference) };
  }
  // Decibels are of the same outputs, without chance in them.
  const delta = after.value - before.value;
  if (metric !== 'sqnr' || !Number.isFinite(delta)) return null;
  return { tone: deltaTone(metric, delta), text: deltaText(metric, delta) };
}
