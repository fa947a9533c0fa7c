import { describe, expect, it } from 'vitest';
import { trainingSplit } from './training-split';

const SPLIT = { calibration: Uint32Array.of(0, 1), evaluation: Uint32Array.of(50, 51) };
const ALL = { samples: 0, validationShare: 0.1, seed: 1 };
const drawn = ({ train, validation }: ReturnType<typeof trainingSplit>) =>
  [...train, ...validation].sort((a, b) => a - b);

describe('what is trained on', () => {
  it('is all that is not evaluated on', () => {
    const samples = drawn(trainingSplit({ size: 60 }, SPLIT, ALL));
    expect(samples).toEqual(Array.from({ length: 60 }, (_, i) => i).filter((i) => i !== 50 && i !== 51));
  });

  it('is none of a set that is there to evaluate on, drawn or not', () => {
    expect(Math.max(...drawn(trainingSplit({ size: 60, evaluationStart: 40 }, SPLIT, ALL)))).toBe(39);
  });

  it('is as much as asked for where samples are made as they are read', () => {
    const random = { size: 60, endless: true };
    expect(drawn(trainingSplit(random, SPLIT, { ...ALL, samples: 500 }))).toHaveLength(500);
    expect(drawn(trainingSplit(random, SPLIT, ALL))).toHaveLength(58);
    expect(drawn(trainingSplit({ size: 60 }, SPLIT, { ...ALL, samples: 500 }))).toHaveLength(58);
  });
});
