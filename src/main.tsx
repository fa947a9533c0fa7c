// Before the panels, whose styles build on these.
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/controls.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { StudioClient } from './jobs/client/client';
import { comlinkFactory } from './jobs/client/connect';
import { StudioController } from './state/controller';
import { indexedDbVault } from './state/kept/indexed-db';
import { pageLocks } from './state/kept/page-locks';
import { createStudioStore } from './state/store';
import { App } from './ui/app/App';
import { keepOffline } from './ui/app/offline';
import { ErrorBoundary } from './ui/parts/ErrorBoundary';
import { StudioContext } from './ui/app/studio';

const createWorker = comlinkFactory(
  () => new Worker(new URL('../workers/studio.worker.ts', import.meta.url), { type: 'module', name: 'studio' }),
);

const store = createStudioStore();
const client = new StudioClient(createWorker, { onEvent: (event) => controller.onClientEvent(event) });
const controller = new StudioController(store, client, {
  fetcher: (url, init) => fetch(url, init),
  pageUrl: document.baseURI,
  vault: indexedDbVault('rangefinder', 'trainings'),
  workVault: indexedDbVault('rangefinder-work', 'pages'),
  locks: pageLocks(),
  page: [...crypto.getRandomValues(new Uint32Array(2))].join('-'),
  storedBytes: async () => (await navigator.storage?.estimate())?.usage ?? null,
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <StudioContext value={{ store, controller }}>
      <ErrorBoundary what="The studio">
        <App />
      </ErrorBoundary>
    </StudioContext>
  </StrictMode>,
);

// The worker's engines and the sample's files are fetched side by side.
void client.warmUp().catch(() => {});
void controller.start(location.hash);
if (import.meta.env.PROD) keepOffline(store);
