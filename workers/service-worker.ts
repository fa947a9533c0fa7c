/**
 * The page without a network. The app itself is kept when it is installed, with its samples and lessons; engines once they were
 * used, since nobody wants all of them. A newer version waits until the person takes it.
 */
const worker = self as unknown as ServiceWorkerGlobalScope;

/** Filled in by the build: see scripts/offline.ts. */
declare const VERSION: string;
/** Files of the app, relative to the page. */
declare const APP: readonly string[];
/** All other files of the site. */
declare const OTHERS: readonly string[];

const PREFIX = `rangefinder ${new URL(worker.registration.scope).pathname} `;
const APP_CACHE = `${PREFIX}app ${VERSION}`;
/** Outlives versions: names of engines carry a hash of their content, or their files are asked for again with every version. */
const USED_CACHE = `${PREFIX}used ${VERSION}`;
const PAGE = new URL('./', worker.registration.scope).href;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(APP_CACHE).then((cache) => cache.addAll(APP.map((path) => new Request(path, { cache: 'reload' })))),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter(
        (name) => name.startsWith(PREFIX) && name !== APP_CACHE && name !== USED_CACHE,
      );
      await Promise.all(old.map((name) => caches.delete(name)));
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== worker.location.origin) return;
  event.respondWith(request.mode === 'navigate' ? page(request) : resource(request));
});

/** What the page says: take the new version now; keep what was fetched before this worker was there. */
worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(worker.skipWaiting());
  const { engine } = (event.data ?? {}) as { engine?: string };
  if (engine !== undefined)
    event.waitUntil(
      keepUsed(engine).then(
        () => event.source?.postMessage('kept'),
        () => undefined, // the network went away meanwhile: the next visit keeps it
      ),
    );
});

async function page(request: Request): Promise<Response> {
  const known = await caches.match(PAGE, { cacheName: APP_CACHE });
  return known ?? fetch(request);
}

async function resource(request: Request): Promise<Response> {
  const known = await caches.match(request, { ignoreSearch: true, ignoreVary: true });
  if (known) return known;
  const response = await fetch(request);
  const path = request.url.slice(PAGE.length);
  if (response.status === 200 && request.url.startsWith(PAGE) && OTHERS.includes(path))
    await (await caches.open(USED_CACHE)).put(request, response.clone());
  return response;
}

/**
 * The first visit fetched its engines before anybody could keep them. Most are in the browser's own cache still; the runtime,
 * which is too large for some caches, is fetched once more where it is not.
 */
async function keepUsed(engine: string): Promise<void> {
  const cache = await caches.open(USED_CACHE);
  await Promise.all(
    OTHERS.map(async (path) => {
      const url = new URL(path, PAGE).href;
      if (await cache.match(url)) return;
      const response = await cached(url);
      if (response) await cache.put(url, response);
      else if (path.includes(`/${engine}.`)) await cache.add(url);
    }),
  );
}

/** What the browser has without asking anybody; null where it has nothing, or does not tell. */
async function cached(url: string): Promise<Response | null> {
  try {
    const response = await fetch(url, { cache: 'only-if-cached', mode: 'same-origin' });
    return response.status === 200 ? response : null;
  } catch {
    return null;
  }
}

export {};
