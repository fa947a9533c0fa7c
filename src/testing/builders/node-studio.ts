/** The whole studio without a page: the real controller and the real jobs on Node's engines, its files from public/. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeHost } from '../../cli/node-host';
import { StudioClient } from '../../jobs/client/client';
import type { StudioWorker } from '../../jobs/contract/worker-api';
import { WorkerJobRunner } from '../../jobs/host/worker-job-runner';
import { StudioSession } from '../../jobs/session/studio-session';
import { StudioController } from '../../state/controller';
import { createStudioStore, type StudioState } from '../../state/store';
import { fakeHosts } from '../fakes/fake-hosts';
import { FakeVault } from '../fakes/fake-vault';

const PUBLIC = join(fileURLToPath(import.meta.url), '../../../../public');
const PAGE = 'https://studio.test/';

/** As a static host would answer for what lies in public/. */
async function fetchPublic(url: string): Promise<Response> {
  try {
    return new Response(await readFile(join(PUBLIC, decodeURIComponent(new URL(url).pathname))));
  } catch {
    return new Response('not found', { status: 404 });
  }
}

export function nodeStudio(vault = new FakeVault()) {
  const store = createStudioStore();
  const session = new StudioSession(nodeHost());
  const runner = new WorkerJobRunner(session);
  const api: StudioWorker = {
    ready: async () => ({ backend: await session.tfjs() }),
    run: (id, name, spec, onProgress, onPartial) => runner.run(id, name, spec, onProgress, onPartial),
    cancel: (id) => runner.cancel(id),
    pause: (id) => runner.pause(id),
    resume: (id) => runner.resume(id),
  };
  const client = new StudioClient(() => ({ api, onDeath: () => {}, terminate: () => {} }), {
    onEvent: (event) => controller.onClientEvent(event),
  });
  const options = { ...fakeHosts(), fetcher: fetchPublic, pageUrl: PAGE, vault };
  const controller = new StudioController(store, client, options);

  /** Once `holds` does; a step of the studio that fails meanwhile fails the wait. */
  const until = (holds: (state: StudioState) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        const state = store.getState();
        const error = state.results.error ?? state.model.error ?? state.data.error ?? state.lessons.error;
        if (error) reject(new Error(JSON.stringify(error)));
        else if (!holds(state)) return;
        else resolve();
        stop();
      };
      const stop = store.subscribe(check);
      check();
    });

  const idle = async () => {
    await controller.pipeline.stop();
    await until(({ jobs }) => jobs.running.length === 0);
  };
  return { store, controller, options, until, idle, dispose: () => session.dispose() };
}

export type NodeStudio = ReturnType<typeof nodeStudio>;
