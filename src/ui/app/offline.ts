/** The page's side of its service worker: whether it works offline, and a newer version that waits to be taken. */
import { patch, type StudioStore } from '../../state/store';

/** Asks for the worker once the first result is there, so that it takes nothing from it; engines in use are kept then. */
export function keepOffline(store: StudioStore): void {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  if (!serviceWorker) return;
  /** The build of the runtime that this browser runs, as its files are called. */
  const keep = () => {
    const runtime = store.getState().results.verification?.value.runtime.name ?? '';
    const engine = /compat/.test(runtime) ? 'litert_wasm_compat_internal' : 'litert_wasm_internal';
    serviceWorker.controller?.postMessage({ engine });
  };
  let wasControlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener('message', ({ data }) => {
    if (data === 'kept') patch(store, 'work', { offline: true });
  });
  serviceWorker.addEventListener('controllerchange', () => {
    // The new version is in charge: the page that belongs to it is loaded. The first worker ever changes no version.
    if (wasControlled) location.reload();
    wasControlled = true;
    keep();
  });
  const begin = () =>
    void serviceWorker.register('service-worker.js').then(
      (registration) => {
        const offer = () => {
          if (registration.waiting && serviceWorker.controller) patch(store, 'work', { update: true });
        };
        registration.addEventListener('updatefound', () =>
          registration.installing?.addEventListener('statechange', offer),
        );
        offer();
        keep();
      },
      () => undefined, // a private window or a policy refuses: the page works, but not offline
    );
  if (store.getState().results.verification) begin();
  else {
    const forget = store.subscribe(({ results }) => {
      if (!results.verification) return;
      forget();
      begin();
    });
  }
}

/** The newer version takes over, and the page is loaded anew; what was done is kept. */
export async function takeUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.waiting?.postMessage('take-over');
}
