import { expect, it } from 'vitest';
import { floatDoubt } from './float-doubt';

const answers = { samples: 400, accuracy: 0.9, confidence: 0.95, classes: 10 };

it('doubts labels and preprocessing at chance level, and where certainty is far ahead of accuracy', () => {
  expect(floatDoubt({ ...answers, accuracy: 0.12 })).toContain('12 % of 400 samples, no better than chance');
  expect(floatDoubt({ ...answers, accuracy: 0.4 })).toContain('but 95 % sure of its answers');
  expect(floatDoubt({ ...answers, accuracy: 0.51, classes: 1, confidence: 0.6 })).toContain('chance');
});

it('does not doubt a model that is as right as it is sure, nor a handful of samples', () => {
  expect(floatDoubt(answers)).toBeNull();
  expect(floatDoubt({ ...answers, accuracy: 0.65, confidence: 0.9 })).toBeNull();
  expect(floatDoubt({ ...answers, samples: 20, accuracy: 0 })).toBeNull();
});
