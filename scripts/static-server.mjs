/**
 * Serves the production build: the security headers with every response, a 404 for what is not there, and files in their
 * compressed form where the build made one.
 */
import { createServer } from 'node:http';
import sirv from 'sirv';
import { SECURITY_HEADERS } from './security-headers.mjs';

/**
 * @param {string} folder of the build.
 * @param {number} port to listen on; 0 takes any that is free.
 * @param {string} [host] to listen on.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} once it listens; rejects where it cannot.
 */
export async function serveFolder(folder, port, host = 'localhost') {
  const files = sirv(folder, {
    etag: true,
    gzip: true,
    // Names under assets/ carry a hash of their content; everything else is asked for again.
    setHeaders: (response, path) =>
      response.setHeader(
        'Cache-Control',
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    files(request, response, () => {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('Not found.');
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  return {
    url: `http://${host}:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
