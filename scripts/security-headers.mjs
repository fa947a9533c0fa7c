/**
 * The headers of every response and the policy of the built page. They stand here once; the development server, the server
 * of the production build and the build itself take them from here.
 */

/**
 * What the page may load and run. Scripts come from the site alone; WebAssembly is compiled, text is never evaluated.
 * A person may open a model by its address, so connections go to any host, and downloads and pictures are blobs.
 */
const DIRECTIVES = {
  'default-src': ["'self'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'", 'https:', 'http:', 'data:', 'blob:'],
  'manifest-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

const policy = (directives) =>
  Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');

/** For a `<meta>` in the page, where no server sends headers. `frame-ancestors` has no effect there and is left out. */
export const PAGE_POLICY = policy(DIRECTIVES);

/** Cross-origin isolation: precise timers and SharedArrayBuffer exist only behind these two. */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What the server of the production build says with every response, whatever its status. */
export const SECURITY_HEADERS = {
  ...ISOLATION_HEADERS,
  'Content-Security-Policy': policy({ ...DIRECTIVES, 'frame-ancestors': ["'none'"] }),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
