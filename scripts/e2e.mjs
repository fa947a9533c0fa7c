/** Runs e2e/*.e2e.ts with vitest against the production build, served here, in a real Chromium. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensureBrowser } from './browser.mjs';
import { serveFolder } from './static-server.mjs';

if (!existsSync('dist/index.html')) {
  console.error('No production build in dist/: run `npm run build` first.');
  process.exit(1);
}
let browser;
try {
  browser = ensureBrowser();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const server = await serveFolder('dist', 0);
const { url } = server;
console.log(`Serving ${url}; browser ${browser}`);
const child = spawn('npx', ['vitest', 'run', '--config', 'e2e/vitest.config.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, STUDIO_URL: url, CHROMIUM_PATH: browser },
});
child.on('exit', async (code) => {
  await server.close();
  process.exit(code ?? 1);
});
