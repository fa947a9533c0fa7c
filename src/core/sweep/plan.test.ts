import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../quantize/settings';
import { readPlan } from './plan';
import { Space } from './space';
import { trialIdentity } from './trial';
import { madeUpTrial } from '../../testing/builders/trial';

const plan = (change: object = {}) =>
  readPlan({ sweep: 1, models: [{ model: 'm.h5', data: 'random' }], ...change }, 'plan.json');

describe('a plan', () => {
  it('is a grid with the usual samples and seed where it says nothing else', () => {
    expect(plan()).toMatchObject({
      seeds: [42],
      search: { kind: 'grid' },
      models: [{ calibrate: 500, evaluate: 1000 }],
    });
  });

  it.each([
    [{ vary: { weights: ['int9000'] } }, /^vary\.weights\.0: /],
    [{ vary: { algorithms: [['gptq', 'adaround']] } }, /two that both choose the codes/],
    [{ vary: { training: [{ epoch: 2 }] } }, /epoch/],
    [{ sweep: 2 }, /^sweep: /],
    [{ models: [] }, /^models: /],
    [{ targets: ['toaster'] }, /is no target here/],
    [{ code: 'process.exit()' }, /code/],
  ])('is refused where it says %j, with the place', (change, words) => {
    expect(() => plan(change)).toThrow(
      expect.objectContaining({ code: 'invalid-settings', details: [expect.stringMatching(words)] }),
    );
  });
});

describe('the space of a plan', () => {
  const space = new Space(
    plan({
      vary: {
        weights: ['int8', 'int4', 'fp8-e4m3fn'],
        algorithms: [[], ['bias-correction', { id: 'cle', params: {} }], 'improve'],
        training: [null, { epochs: 2 }],
      },
    }),
  );

  it('has each combination once', () => {
    expect(space.size).toBe(18);
    const indices = Array.from({ length: 18 }, (_, i) => i);
    expect(indices.map((i) => space.indexOf(space.pointAt(i)))).toEqual(indices);
    expect(new Set(indices.map((i) => JSON.stringify(space.choiceAt(i)))).size).toBe(18);
  });

  it('begins with the first value of everything, which is the usual quantization', () => {
    expect(space.choiceAt(0)).toEqual({
      settings: { ...DEFAULT_SETTINGS, algorithms: [] },
      improve: false,
      training: null,
    });
  });

  it('takes algorithms in the order of their table, whatever that of the plan', () => {
    const { settings } = space.choiceAt(space.indexOf([1, 1, 0]));
    expect(settings.algorithms?.map(({ id }) => id)).toEqual(['cle', 'bias-correction']);
    expect(settings.weights.format).toBe('int4');
  });

  it('trains on WebAssembly, which all machines have', () => {
    expect(space.choiceAt(space.indexOf([0, 0, 1])).training).toMatchObject({ epochs: 2, backend: 'wasm' });
  });

  it('has as neighbours what differs in one choice', () => {
    const near = space.neighbours(space.indexOf([0, 0, 0])).map((index) => space.pointAt(index));
    expect(near).toEqual([
      [1, 0, 0],
      [2, 0, 0],
      [0, 1, 0],
      [0, 2, 0],
      [0, 0, 1],
    ]);
  });

  it('is refused where it has millions of configurations', () => {
    const many = Array.from({ length: 1000 }, (_, epochs) => ({ epochs: epochs + 1 }));
    const wide = plan({
      vary: { training: many, algorithms: Array.from({ length: 1000 }, () => []), weights: ['int4', 'int8'] },
    });
    expect(() => new Space(wide)).toThrow(/2,000,000 configurations/);
  });
});

describe('the identity of a trial', () => {
  it('does not depend on where files lie, and on all else', () => {
    const trial = madeUpTrial();
    const moved = madeUpTrial({ model: { ...trial.model, source: 'https://there/m.tflite' } });
    expect(trialIdentity(moved)).toBe(trialIdentity(trial));
    const others = [
      { seed: 2 },
      { rangefinder: '9.9.9' },
      { improve: true },
      { compareSamples: 1 },
      { model: { ...trial.model, sha256: 'c'.repeat(64) } },
      { data: { ...trial.data, calibrationSamples: 9 } },
      { settings: { ...DEFAULT_SETTINGS, io: 'float32' as const } },
    ].map((change) => trialIdentity(madeUpTrial(change)));
    expect(new Set([...others, trialIdentity(trial)]).size).toBe(8);
  });
});
