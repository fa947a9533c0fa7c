/** `npm test`: type check, lint, unit tests, production build, end-to-end tests in a real browser. Stops at the first failure. */
import { spawnSync } from 'node:child_process';

const steps = [
  ['Type check', 'npm', ['run', '-s', 'typecheck']],
  ['Lint and format', 'npm', ['run', '-s', 'lint']],
  ['Unit tests', 'npm', ['run', '-s', 'unit']],
  ['Production build', 'npm', ['run', '-s', 'build']],
  ['End-to-end tests', 'npm', ['run', '-s', 'e2e']],
];

for (const [name, command, args] of steps) {
  console.log(`\n── ${name} ──`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`\n${name} failed.`);
    process.exit(status ?? 1);
  }
  console.log(`${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
