import { describe, expect, it } from 'vitest';
import { fakeTrained } from '../../../testing/fakes/fake-training';
import { accuracyCurves, epochText, lossCurves } from './curves';

const { history } = fakeTrained();

describe('curves', () => {
  it('begin with the untrained model; the mean of an epoch stands in its middle', () => {
    const [train, validation] = lossCurves(history.slice(0, 3), []);
    expect(validation.points).toEqual([
      [0, 1],
      [1, 1 / 2],
      [2, 1 / 3],
    ]);
    expect(train.points).toEqual([
      [0.5, 0.5],
      [1.5, 0.5],
    ]);
    expect(accuracyCurves(history)[1].points[0]).toEqual([0, 0.8]);
  });

  it('show the running loss once there is one, and no accuracy where there is nothing to count', () => {
    const trace = [
      { at: 0, loss: null, ranges: {} },
      { at: 0.25, loss: 2, ranges: {} },
    ];
    expect(lossCurves(history, trace)[0]).toEqual({ id: 'steps', label: 'train, last steps', points: [[0.25, 2]] });
    expect(accuracyCurves(history.map((row) => ({ ...row, validationAccuracy: null })))).toEqual([]);
  });

  it('call their places by epochs', () => {
    expect([0, 0.5, 1.234, 3].map(epochText)).toEqual(['before training', 'epoch 0.5', 'epoch 1.23', 'epoch 3']);
  });
});
