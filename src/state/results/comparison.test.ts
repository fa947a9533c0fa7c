import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import type { Evaluation } from '../../jobs/contract/protocol';
import { fakeTrained } from '../../testing/fakes/fake-training';
import { comparedWith, groupOf, shownResult, trainedInUse, trainingRange, untrainedSettings } from './comparison';
import { startHistory } from '../history/history';
import { DEFAULT_CHOICES } from '../slices/choices';
import type { Snapshot, Stamped } from '../slices/results';
import type { TrainingRun } from '../slices/training';
import { INITIAL_STATE, type StudioState } from '../store';

const trained = fakeTrained();
const stamp = <T>(value: T, settings: QuantSettings, basis = 0): Stamped<T> => ({
  value,
  settings,
  basis,
  partial: false,
});
const evaluated = (settings: QuantSettings) => stamp({} as Evaluation, settings);
const before = { settings: trained.from, basis: 0, weights: {} } as Snapshot;

function state(settings: QuantSettings, results: Partial<StudioState['results']> = {}): StudioState {
  return {
    ...INITIAL_STATE,
    choices: startHistory({ ...DEFAULT_CHOICES, settings }),
    results: { ...INITIAL_STATE.results, ...results },
    training: { ...INITIAL_STATE.training, known: { [trained.id]: trained } },
  };
}

describe('what trained weights are held against', () => {
  it('is nothing where none are in use', () => {
    const plain = state(DEFAULT_SETTINGS, { untrained: before, evaluation: evaluated(DEFAULT_SETTINGS) });
    expect([trainedInUse(plain), untrainedSettings(plain), comparedWith(plain)]).toEqual([null, null, null]);
    expect(shownResult(plain, 'evaluation')).toBe(plain.results.evaluation);
  });

  it('is what was known under the settings that training started from, on the same data', () => {
    expect(comparedWith(state(trained.settings, { untrained: before }))).toBe(before);
    const edited = { ...trained.settings, io: 'float32' } as const;
    expect(comparedWith(state(edited, { untrained: before }))).toBe(before);
    expect(
      comparedWith(state(trained.settings, { untrained: { ...before, settings: { ...trained.from, io: 'float32' } } })),
    ).toBeNull();
    expect(comparedWith(state(trained.settings, { untrained: before, basis: 1 }))).toBeNull();
  });

  it('is not shown as the trained one, while that is still being evaluated', () => {
    expect(shownResult(state(trained.settings, { evaluation: evaluated(trained.from) }), 'evaluation')).toBeNull();
    const own = evaluated(trained.settings);
    expect(shownResult(state(trained.settings, { evaluation: own }), 'evaluation')).toBe(own);
  });
});

describe('trainingRange', () => {
  const range = { min: -1, max: 2 };
  const run = {
    state: 'paused',
    progress: { ranges: { a: range } } as unknown as TrainingRun['progress'],
  } as TrainingRun;
  const shared = { tensor: 'b', sharedWith: 'a' };
  const plan = { activations: { b: shared }, weights: {}, keptFloat: [], notes: [] } as never;
  const running = (change: Partial<TrainingRun>) => ({
    ...state(DEFAULT_SETTINGS, { plan: stamp(plan, DEFAULT_SETTINGS) }),
    training: { ...INITIAL_STATE.training, run: { ...run, ...change } },
  });

  it('is that of the tensor that stands for its group, for as long as it is trained', () => {
    expect(groupOf(plan, 'b')).toBe('a');
    expect(trainingRange(running({}), 'a')).toBe(range);
    expect(trainingRange(running({}), 'b')).toBe(range);
    expect(trainingRange(running({}), 'c')).toBeNull();
    expect(trainingRange(running({ state: 'done' }), 'a')).toBeNull();
    expect(trainingRange(running({ progress: null }), 'a')).toBeNull();
  });
});
