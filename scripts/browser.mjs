/**
 * Finds a Chromium for the end-to-end tests and the bench, installing one when the machine has none: system Chromium or
 * Chrome, else Debian's package, else Playwright's own download.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, openSync, readSync } from 'node:fs';

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

/** Asks on the terminal; where nobody sits at one, nobody is asked and the answer is yes. */
function agreed(question) {
  if (!process.stdin.isTTY || process.env.CI) return true;
  process.stdout.write(`${question} [Y/n] `);
  const answer = Buffer.alloc(64);
  const length = readSync(openSync('/dev/tty', 'r'), answer, 0, answer.length, null);
  return !/^n/i.test(answer.toString('utf8', 0, length).trim());
}

/** Debian's package alone: with what it recommends, a whole desktop would come along. */
function installFromDebian() {
  const root = process.getuid?.() === 0;
  const command = `${root ? '' : 'sudo '}apt-get install --no-install-recommends chromium`;
  console.log(
    `The end-to-end tests need Chromium, and none was found. To be installed: Debian's package, by "${command}".`,
  );
  if (!root && !agreed('This asks for administrator rights (sudo). Go on?')) return null;
  const apt = (...args) => (root ? run('apt-get', args) : run('sudo', ['apt-get', ...args]));
  const done = apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
  return done ? systemBrowser() : null;
}

function installFromPlaywright() {
  console.log(
    "The end-to-end tests need Chromium. To be installed: Playwright's build, into its cache in your home folder.",
  );
  if (!run('npx', ['playwright-core', 'install', 'chromium'])) return null;
  const path = execFileSync(
    process.execPath,
    ['-e', "console.log(require('playwright-core').chromium.executablePath())"],
    { encoding: 'utf8' },
  ).trim();
  return existsSync(path) ? path : null;
}

/** Path of a Chromium executable; throws with a message for people when none can be had. */
export function ensureBrowser() {
  const browser = systemBrowser() ?? (onPath('apt-get') ? installFromDebian() : null) ?? installFromPlaywright();
  if (browser) return browser;
  throw new Error(
    'No Chromium could be found or installed. Install Chromium or Google Chrome (on Debian: apt-get install chromium), ' +
      'or set CHROMIUM_PATH to an executable, and run the command again.',
  );
}
