/**
 * Finds a Chromium for the end-to-end tests and the bench, installing one when the machine has none: system Chromium or
 * Chrome, else Debian's package, else Playwright's own download.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const SYSTEM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Without these Chromium tries to reach the network at start, and refuses to run as root in a container. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

function onPath(name) {
  const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

function systemBrowser() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  for (const name of SYSTEM) {
    const path = onPath(name);
    if (path) return path;
  }
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : null;
}

function run(command, args) {
  console.log(`$ ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}

/** Path of a Chromium executable; throws with a message for people when none can be had. */
export function ensureBrowser() {
  const found = systemBrowser();
  if (found) return found;
  console.log('No Chromium found; installing one for the end-to-end tests.');
  if (onPath('apt-get')) {
    const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    const apt = (...args) => run([...sudo, 'apt-get'][0], [...[...sudo, 'apt-get'].slice(1), ...args]);
    if (apt('update', '-qq') && apt('install', '-y', '-qq', 'chromium')) {
      const installed = systemBrowser();
      if (installed) return installed;
    }
  }
  if (run('npx', ['playwright-core', 'install', '--with-deps', 'chromium'])) {
    const path = execFileSync(
      process.execPath,
      ['-e', "console.log(require('playwright-core').chromium.executablePath())"],
      { encoding: 'utf8' },
    ).trim();
    if (existsSync(path)) return path;
  }
  throw new Error(
    'No Chromium could be found or installed. Install Chromium or Google Chrome (on Debian: apt-get install chromium), ' +
      'or set CHROMIUM_PATH to an executable, and run the command again.',
  );
}
