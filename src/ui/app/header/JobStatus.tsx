import { standing, type Standing } from '../../../state/autopilot/pending';
import { shownJob } from '../../../state/slices/jobs';
import { timeLeft } from '../../parts/format';
import { useController, useStudio } from '../studio';

const STANDING: Readonly<Record<Standing, string>> = {
  starting: 'Starting',
  ready: 'Ready',
  'waiting-for-data': 'Waits for data',
  'about-to-compute': 'About to evaluate',
  stopped: 'Stopped; figures are not complete',
};

/** What runs now: stage, percentage, time left, and the way to stop it. Its place is kept when nothing runs. */
export function JobStatus() {
  const controller = useController();
  const job = useStudio((state) => shownJob(state.jobs));
  const offline = useStudio((state) => state.work.offline);
  const backend = useStudio((state) => state.jobs.backend);
  const fetching = useStudio((state) => state.model.opening);
  const now = useStudio(standing);
  const unavailable = useStudio((state) => state.jobs.unavailable);
  const running = job && `${job.paused ? 'Paused: ' : ''}${job.progress.stage}`;
  const stage = running ?? (fetching ? `Opening ${fetching}` : null);
  const fraction = job?.progress.fraction ?? 0;
  const left = job?.paused ? undefined : job?.progress.remainingMs;
  return (
    <div
      className="job-status"
      data-running={stage !== null || now === 'stopped'}
      data-background={job?.background ?? false}
    >
      <div className="job-line">
        <span className="stage" role="status">
          {unavailable !== null ? 'The worker cannot start' : (stage ?? STANDING[now])}
        </span>
        <span className="numbers">
          {job && `${Math.round(100 * fraction)} %`}
          {left !== undefined && left > 900 && ` · ${timeLeft(left)}`}
          {!stage && backend && (offline ? 'works offline' : `${backend} backend`)}
        </span>
      </div>
      <div
        className="meter"
        role="progressbar"
        aria-label={stage ?? 'No job running'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * fraction)}
      >
        <i style={{ transform: `scaleX(${stage ? fraction : 0})` }} />
      </div>
      {!stage && now === 'stopped' ? (
        <button type="button" className="button small" onClick={() => void controller.pipeline.refresh()}>
          Go on
        </button>
      ) : (
        <button type="button" className="button small" disabled={!job} onClick={() => controller.cancel()}>
          Cancel
        </button>
      )}
    </div>
  );
}
