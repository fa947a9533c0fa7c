import { describe, expect, it } from 'vitest';
import { madeUpTrial } from '../../testing/builders/trial';
import { rememberingOutlet } from '../../testing/builders/outlet';
import { FakeDoer, POISON } from '../../testing/fakes/trial-doer';
import { EmbeddedEngine } from './embedded';
import { trialKey } from './trial-key';

const signal = new AbortController().signal;
const seeded = (...seeds: number[]) =>
  new Map(
    seeds.map((seed) => {
      const trial = madeUpTrial({ seed });
      return [trialKey(trial), trial];
    }),
  );

describe('a sweep on one machine', () => {
  it('loses no trial to processes that die, and does none twice', async () => {
    const doer = new FakeDoer(0.1);
    const trials = seeded(...Array.from({ length: 60 }, (_, i) => 100 + i));
    const { outlet, done, givenUp } = rememberingOutlet();
    await new EmbeddedEngine(doer, 3).run(trials, outlet, signal);
    expect([...done, ...givenUp.map(({ key }) => key)].sort()).toEqual([...trials.keys()].sort());
    expect(doer.finished).toHaveLength(done.length);
    expect(doer.begun.length).toBeGreaterThan(60);
  });

  it('gives up the one that no process survives, after three attempts', async () => {
    const doer = new FakeDoer();
    const { outlet, done, givenUp } = rememberingOutlet();
    await new EmbeddedEngine(doer, 2).run(seeded(1, POISON, 2), outlet, signal);
    expect(done).toHaveLength(2);
    expect(givenUp).toEqual([
      { key: [...seeded(POISON).keys()][0], attempts: 3, error: expect.objectContaining({ code: 'worker-died' }) },
    ]);
  });

  it('takes nothing for a report that is none', async () => {
    const { outlet, done, givenUp } = rememberingOutlet();
    const liar = { run: () => Promise.resolve({ report: 'trial', version: 1, key: 'x' }) };
    await new EmbeddedEngine(liar, 1).run(seeded(1), outlet, signal);
    expect(done).toEqual([]);
    expect(givenUp).toMatchObject([{ attempts: 1, error: { code: 'invalid-data' } }]);
  });

  it('ends at once where outcomes cannot be kept', async () => {
    const { outlet } = rememberingOutlet();
    const full = { ...outlet, done: () => { throw new Error('The disk is full.'); } }; // prettier-ignore
    await expect(new EmbeddedEngine(new FakeDoer(), 2).run(seeded(1, 2, 3), full, signal)).rejects.toThrow('full');
  });
});
