/** The studio's worker without engines: e2e/presentation.e2e.ts puts it in the place of the real one. */
import { expose } from 'comlink';
import { fakeWorker } from '../src/testing/fakes/fake-worker';

expose(fakeWorker(60));
