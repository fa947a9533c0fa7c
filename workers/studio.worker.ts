/** The studio's worker: a session, its jobs, and where the page's engines lie. Everything else is in src/jobs. */
import { expose } from 'comlink';
import { WorkerJobRunner } from '../src/jobs/host/worker-job-runner';
import { StudioSession } from '../src/jobs/session/studio-session';
import { holdLife, ownLocks } from '../src/jobs/contract/worker-life';
import type { StudioWorker } from '../src/jobs/contract/worker-api';
import { pageHost } from './page-host';

const session = new StudioSession(pageHost());
const runner = new WorkerJobRunner(session);

const life = holdLife(ownLocks());

const api: StudioWorker = {
  ready: async () => ({ life: await life, backend: await session.tfjs() }),
  run: (id, name, spec, onProgress, onPartial) => runner.run(id, name, spec, onProgress, onPartial),
  cancel: (id) => runner.cancel(id),
  pause: (id) => runner.pause(id),
  resume: (id) => runner.resume(id),
};

expose(api);
