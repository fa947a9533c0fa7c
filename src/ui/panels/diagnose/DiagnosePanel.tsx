/** Why the quantized model is worse than the float one: what stands out, how much each layer costs, where errors come from. */
import { useEffect } from 'react';
import { freshness } from '../../../state/slices/results';
import { settingsOf } from '../../../state/store';
import { decibels, integer, timeLeft } from '../../parts/format';
import { ErrorCard } from '../../parts/ErrorCard';
import { download } from '../export/download';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { useHidden } from '../../app/use-lock';
import { AppliedFix } from './AppliedFix';
import { ErrorSplits } from './ErrorSplits';
import { Findings } from './Findings';
import { Sensitivity } from './Sensitivity';
import './diagnose.css';

export default function DiagnosePanel() {
  const controller = useController();
  const store = useStudioStore();
  const plan = useStudio((state) => state.results.plan);
  const planned = useStudio((s) => freshness(s.results.plan, settingsOf(s), s.results.basis) === 'fresh');
  const basis = useStudio((state) => state.results.basis);
  const result = useStudio(({ diagnosis }) => diagnosis.result);
  const state = useStudio((s) => freshness(s.diagnosis.result, settingsOf(s), s.results.basis));
  const error = useStudio(({ diagnosis }) => diagnosis.error);
  const job = useStudio(({ jobs }) => jobs.running.find(({ name }) => name === 'diagnose') ?? null);
  const running = job !== null;
  const isForStudents = useHidden('findings');
  // Shown means wanted: whatever changes the plan is looked into anew.
  useEffect(() => {
    if (planned) void controller.diagnoser.diagnose();
  }, [controller, planned, plan]);
  // Of another model or other data nothing is shown.
  const known = result?.basis === basis ? result.value : null;
  const left = job?.progress.remainingMs;
  const save = async () => {
    const { diagnosisBlob } = await import('./diagnosis-file');
    const { name, blob } = diagnosisBlob(store.getState());
    download(name, blob);
  };
  return (
    <section className="panel diagnose" aria-label="Diagnosis" aria-busy={running}>
      <header>
        <h2>Diagnosis</h2>
        {known && (
          <p className="diagnose-summary">
            Output <b>{decibels(known.sqnrDb)}</b>{' '}
            <span className="quiet">against float, on {integer(known.samples)} samples</span>
            {state === 'stale' && <span className="badge warn">outdated</span>}
          </p>
        )}
        {!running && known && state !== 'fresh' && (
          <button
            type="button"
            className="button small"
            disabled={!planned}
            onClick={() => void controller.diagnoser.diagnose()}
          >
            Look again
          </button>
        )}
        {known?.held && state === 'fresh' && (
          <button type="button" className="button small" onClick={() => void save()}>
            Save as JSON
          </button>
        )}
      </header>
      <div className="body">
        {job && (
          <p className="quiet" role="status">
            {job.progress.stage} · {Math.round(100 * job.progress.fraction)} %
            {left !== undefined && left > 900 && ` · ${timeLeft(left)}`}
          </p>
        )}
        {error && (
          <ErrorCard
            title="The diagnosis did not come to an end"
            error={error}
            onRetry={() => void controller.diagnoser.diagnose()}
          />
        )}
        {isForStudents && <p className="quiet">What stands out is for you to find: this lesson keeps it back.</p>}
        <AppliedFix />
        {!known && !running && !error && (
          <p className="quiet">
            {planned ? 'Not looked into yet.' : 'Errors are looked into once the model is calibrated.'}
          </p>
        )}
        {known && !isForStudents && <Findings diagnosis={known} state={state} running={running} />}
        {planned && <Sensitivity />}
        {known && <ErrorSplits splits={known.activations} />}
      </div>
    </section>
  );
}
