/**
 * `npm test`: type check, lint, unit tests and production build side by side, then the end-to-end tests in a real browser,
 * which want the processor for themselves. What a step prints comes in one piece; all failures are shown.
 */
import { spawn } from 'node:child_process';

const npm = (name) => ['npm', ['run', '-s', name]];

/** Steps of one lane run one after the other; lanes run side by side. */
const SIDE_BY_SIDE = [
  [
    ['Type check', ...npm('typecheck')],
    ['Lint and format', ...npm('lint')],
    ['Unused code', ...npm('knip')],
    ['Production build', ...npm('build')],
  ],
  [['Unit tests', ...npm('unit')]],
];
const LAST = ['End-to-end tests', ...npm('e2e')];

let failed = 0;

/** Runs a step; what it prints is held back until it has ended where others run beside it. */
function run([name, command, args], alone) {
  const started = Date.now();
  const held = [];
  const child = spawn(command, args, { stdio: alone ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => held.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (status) => {
      if (status !== 0) failed++;
      process.stdout.write(Buffer.concat([Buffer.from(`\n── ${name} ──\n`), ...held]));
      console.log(`${name}: ${status === 0 ? 'passed' : 'FAILED'}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
      resolve(status === 0);
    });
  });
}

async function lane(steps) {
  for (const step of steps) if (!(await run(step, false))) return;
}

console.log('Type check, lint, build and unit tests run side by side; each is printed when it has ended.');
await Promise.all(SIDE_BY_SIDE.map(lane));
if (failed === 0) await run(LAST, true);
process.exit(failed === 0 ? 0 : 1);
