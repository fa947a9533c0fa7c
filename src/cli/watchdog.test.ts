import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { endingAfter } from './watchdog';

it('hands on results and errors', async () => {
  expect(await endingAfter(60_000, 'a.onnx', async () => 7)).toBe(7);
  await expect(endingAfter(60_000, 'a.onnx', () => Promise.reject(new Error('own')))).rejects.toThrow('own');
});

it('ends a process whose only thread is busy without end, and says why', () => {
  const module = JSON.stringify(new URL('watchdog.ts', import.meta.url).href);
  const script = `import(${module}).then(({ endingAfter }) => endingAfter(500, 'a.onnx', async () => { for (;;); }));`;
  const { status, signal, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  expect([status, signal]).toEqual([null, 'SIGTERM']);
  expect(stderr).toContain('"a.onnx" was not read within 1 s.');
});
