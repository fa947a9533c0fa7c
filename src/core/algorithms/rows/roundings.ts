import { adaRound } from '../adaround';
import type { Rounding } from '../algorithm';
import { gptq } from '../gptq';
import { polished } from '../polish';
import type { Rounded } from '../rounding';
import { stochasticRounding } from '../stochastic';
import type { ParamSpec } from '../../calibration/types';

const FIGURE = { figure: 'SQNR of the layer’s output, dB', largerIsBetter: true } as const;

const POLISH: ParamSpec = { id: 'polish', label: 'Then move single weights', min: 0, max: 1, step: 1, default: 1 };

export const adaRounding: Rounding = {
  step: 'rounding',
  id: 'adaround',
  label: 'AdaRound',
  explain: 'Learns for each weight whether to round up or down, so that the layer’s output on real inputs stays.',
  needsData: true,
  params: [
    { id: 'iterations', label: 'Iterations per layer', min: 100, max: 10_000, step: 100, default: 1000 },
    POLISH,
  ],
  ...FIGURE,
  *learn(problem, { iterations, polish }, multiply) {
    const learning = adaRound(problem, { iterations }, multiply);
    for (;;) {
      const { done, value } = learning.next();
      if (done) return polish > 0 ? polished(problem, value) : value;
      yield { fraction: value.iteration / iterations, loss: value.loss };
    }
  },
};

export const gptqRounding: Rounding = {
  step: 'rounding',
  id: 'gptq',
  label: 'GPTQ',
  explain: 'Rounds weights one after another; what each loses is made up for by those still to come.',
  needsData: true,
  params: [{ id: 'damping', label: 'Damping', min: 0.001, max: 0.5, step: 0.001, default: 0.01 }, POLISH],
  ...FIGURE,
  *learn(problem, { damping, polish }): Generator<never, Rounded> {
    const rounded = gptq(problem, { damping });
    return polish > 0 ? polished(problem, rounded) : rounded;
  },
};

export const randomRounding: Rounding = {
  step: 'rounding',
  id: 'stochastic',
  label: 'Stochastic rounding',
  explain:
    'Rounds up with the probability of the fraction: unbiased over many roundings, but one alone errs more than nearest.',
  needsData: true,
  params: [{ id: 'seed', label: 'Seed', min: 0, max: 999, step: 1, default: 1 }],
  ...FIGURE,
  *learn(problem, { seed }): Generator<never, Rounded> {
    return stochasticRounding(problem, seed);
  },
};
