import { useEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { differenceText } from '../../../core/metrics/words';
import type { RankedFinding } from '../../../jobs/contract/diagnosis-protocol';
import { judgedLoss } from '../../../state/results/judged-loss';
import { freshness } from '../../../state/slices/results';
import { patch, settingsOf, type StudioState } from '../../../state/store';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { useHidden, useLock } from '../../app/use-lock';
import { integer } from '../../parts/format';
import { useLayerNames } from '../diagnose/use-layer-names';
import './verdict-line.css';

/** What the diagnosis of this moment found worst, and whether it is done. */
function worstFinding(state: StudioState): { readonly finding: RankedFinding | null; readonly isDone: boolean } {
  const { result } = state.diagnosis;
  const known = freshness(result, settingsOf(state), state.results.basis);
  const findings = known === 'none' || known === 'stale' ? [] : result!.value.findings;
  const finding = findings.find(({ severity }) => severity !== 'minor') ?? null;
  return { finding, isDone: known === 'fresh' };
}

/** What the file that is current does otherwise than its simulation, beyond chance. */
function partingOf(state: StudioState): string | null {
  const { verification, basis } = state.results;
  if (freshness(verification, settingsOf(state), basis) !== 'fresh') return null;
  return verification!.value.simulation?.parting ?? null;
}

/** One sentence under the summary: what was lost, why, and the one thing to do. The cause is looked for once there is one to look for. */
export function VerdictLine() {
  const controller = useController();
  const store = useStudioStore();
  const loss = useStudio(useShallow(judgedLoss));
  const { finding, isDone } = useStudio(useShallow(worstFinding));
  const nameOf = useLayerNames();
  const isLost = loss?.isLost ?? false;
  const isLocked = useLock('summary');
  const isForStudents = useHidden('findings');
  useEffect(() => {
    if (isLost) void controller.diagnoser.diagnose();
  }, [controller, isLost]);
  const doubt = useStudio((state) => state.results.evaluation?.value.floatDoubt ?? null);
  const parting = useStudio(partingOf);
  if (isLocked) return null;
  if (parting !== null)
    return (
      <p className="verdict-line" data-tone="bad" role="alert">
        <b>{parting}</b>
      </p>
    );
  if (doubt && !isForStudents)
    return (
      <p className="verdict-line" data-tone="bad" role="status">
        <b>{doubt}</b>{' '}
        <button
          type="button"
          className="button small"
          onClick={() => patch(store, 'ui', { side: 'data', place: 'side' })}
        >
          Look at the data
        </button>
      </p>
    );
  if (!loss) return null;
  const { metric, difference } = loss;
  const change = `${differenceText(metric, difference)}, n = ${integer(difference.n)}`;
  if (!isLost)
    return (
      <p className="verdict-line" data-tone={loss.farOutput ? 'warn' : 'good'} role="status">
        <b>Nothing lost</b> <span className="quiet">({change})</span>
        {loss.farOutput && <>, but output {loss.farOutput} is far from float: see Samples</>}
      </p>
    );
  const [layer] = finding?.layers ?? [];
  const best = finding ? bestFix(finding) : null;
  return (
    <p className="verdict-line" data-tone="bad" role="status">
      <b>Quantizing costs {differenceText(metric, difference).replace(/^[−-]/, '')}</b>{' '}
      <span className="quiet">(n = {integer(difference.n)})</span>.{' '}
      {isForStudents ? null : finding ? (
        <>
          Cause: {layer !== undefined && <b>{nameOf(layer)}, </b>}
          {finding.title}.{' '}
          <button type="button" className="button small" onClick={() => patch(store, 'ui', { tab: 'diagnose' })}>
            Why
          </button>{' '}
          {best && (
            <button
              type="button"
              className="button small primary"
              onClick={() => controller.diagnoser.apply(finding, best.fix)}
            >
              Fix: {best.fix.label}
              {best.change && `, ${differenceText(metric, best.change)}`}
            </button>
          )}
        </>
      ) : (
        <span className="quiet">{isDone ? 'No single cause stands out.' : 'Looking for the cause…'}</span>
      )}
    </p>
  );
}

/** The fix that brought back most when it was tried. */
function bestFix({ fixes, effects }: RankedFinding) {
  const tried = fixes.flatMap((fix, i) => {
    const effect = effects[i];
    return effect ? [{ fix, change: effect.change, value: effect.change?.value ?? 0, sqnrDb: effect.sqnrDb }] : [];
  });
  return tried.sort((a, b) => b.value - a.value || b.sqnrDb - a.sqnrDb)[0] ?? null;
}
