/** Serves the folder "rangefinder" beside this one, with the headers that precise timers need. Needs Node.js alone. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'rangefinder');
const PORT = 4173;
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = normalize(join(FOLDER, decodeURIComponent(pathname === '/' ? '/index.html' : pathname)));
  const isThere = path.startsWith(FOLDER) && statSync(path, { throwIfNoEntry: false })?.isFile();
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  response.writeHead(isThere ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
  if (isThere) createReadStream(path).pipe(response);
  else response.end('Not found.');
});
server.listen(PORT, process.argv.includes('--all') ? '0.0.0.0' : 'localhost', () =>
  console.log(`Rangefinder is at http://localhost:${PORT}/ – Ctrl-C stops it.`),
);
