import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { madeUpTrial } from '../../testing/builders/trial';
import { rememberingOutlet } from '../../testing/builders/outlet';
import { FakeDoer, POISON } from '../../testing/fakes/trial-doer';
import { checkQueueUrl, QueueEngine, work } from './queue';
import { trialKey } from './trial-key';

const SERVER = 'redis-server';
const isThere = spawnSync(SERVER, ['--version']).status === 0;
if (!isThere)
  console.warn(`There is no ${SERVER} here: the queue is not tested. Debian has it as a package of this name.`);

let place: string;
let port: number;
let server: ChildProcess;

/** Resolves when something listens. */
async function start(): Promise<void> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', place];
  server = spawn(SERVER, options, { stdio: 'ignore' });
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });

const url = () => `redis://127.0.0.1:${port}`;
const silent = () => undefined;
const seeded = (...seeds: number[]) =>
  new Map(seeds.map((seed) => [trialKey(madeUpTrial({ seed })), madeUpTrial({ seed })]));

it.each(['http://here', 'redis:here', 'rm -rf', ''])('takes %j for no queue', (address) => {
  expect(() => checkQueueUrl(address)).toThrow(/address of Redis/);
});

describe.skipIf(!isThere)('a sweep over BullMQ', () => {
  const stop = new AbortController();
  const workers: Promise<void>[] = [];
  const doers: FakeDoer[] = [];
  const begin = (doer: FakeDoer) => {
    doers.push(doer);
    workers.push(work(url(), doer, 2, silent, stop.signal));
  };

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'redis-'));
    port = await freePort();
    await start();
  });
  afterEach(() => {
    for (const { begun, finished } of doers) begun.length = finished.length = 0;
  });
  afterAll(async () => {
    stop.abort();
    await Promise.all(workers);
    server.kill('SIGKILL');
    rmSync(place, { recursive: true });
  });

  // Two workers that lose one trial in ten, and a Redis that forgets everything: seconds, for it is what a sweep has to live with.
  it('loses no trial to workers that die nor to a Redis that was restarted empty, and gives up the poisoned one', async () => {
    for (let i = 0; i < 2; i++) begin(new FakeDoer(0.1));
    const trials = seeded(POISON, ...Array.from({ length: 60 }, (_, i) => 100 + i));
    const { outlet, done, givenUp } = rememberingOutlet();
    let restarted: Promise<void> | undefined;
    const restarting = {
      ...outlet,
      done: (...args: Parameters<typeof outlet.done>) => {
        outlet.done(...args);
        if (done.length !== 20) return;
        server.kill('SIGKILL');
        restarted = start();
      },
    };
    await new QueueEngine(url(), silent).run(trials, restarting, new AbortController().signal);
    await restarted;
    const poisoned = [...seeded(POISON).keys()][0];
    expect([...done, ...givenUp.map(({ key }) => key)].sort()).toEqual([...trials.keys()].sort());
    expect(givenUp.find(({ key }) => key === poisoned)).toMatchObject({
      error: { message: expect.stringContaining('ended') },
    });
    // Of what was done when Redis forgot it, nothing was asked again but what had not been handed over.
    const finished = doers.flatMap((doer) => doer.finished);
    expect(finished.length - new Set(finished).size).toBeLessThanOrEqual(8);
  });

  it('hands the reports over as they are, and does none again that the queue still has', async () => {
    const run = async () => {
      const { outlet, reports } = rememberingOutlet();
      await new QueueEngine(url(), silent).run(seeded(201, 202), outlet, new AbortController().signal);
      return reports;
    };
    const first = await run();
    expect(doers.flatMap(({ finished }) => finished).sort()).toEqual([201, 202]);
    expect(await run()).toEqual(first);
    expect(doers.flatMap(({ finished }) => finished)).toHaveLength(2);
    const alone = await new FakeDoer().run(madeUpTrial({ seed: 201 }));
    expect(first.get(trialKey(madeUpTrial({ seed: 201 })))).toEqual(alone);
  });

  it('runs nothing that is no trial, or is named as another', async () => {
    const { Queue } = await import('bullmq');
    const queue = new Queue('rangefinder', { connection: { url: url() } });
    const forged = await queue.add(
      'trial',
      { ...madeUpTrial(), settings: { version: 1, code: 'process.exit()' } },
      { jobId: 'trial-x' },
    );
    const renamed = await queue.add('trial', madeUpTrial({ seed: 300 }), { jobId: 'trial-y' });
    await expect.poll(() => Promise.all([forged, renamed].map((job) => job.getState()))).toEqual(['failed', 'failed']);
    expect(doers.flatMap(({ begun }) => begun)).toEqual([]);
    await queue.close();
  });
});
