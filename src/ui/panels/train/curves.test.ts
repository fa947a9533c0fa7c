import { describe, expect, it } from 'vitest';
import { fakeTrained } from '../../../testing/fakes/fake-training';
import { accuracyCurves, curvePath, lossCurves, planeOf, type Curve } from './curves';

const { history } = fakeTrained();
const BOX = { width: 208, height: 120, left: 0, top: 10, bottom: 10 };
const curve = (...values: number[]): Curve => ({
  id: 'validation',
  label: '',
  points: values.map((value, epoch) => [epoch, value]),
});

describe('curves', () => {
  it('begin with the untrained model; the mean of an epoch stands in its middle', () => {
    const [train, validation] = lossCurves(history.slice(0, 3), []);
    expect(validation!.points).toEqual([
      [0, 1],
      [1, 1 / 2],
      [2, 1 / 3],
    ]);
    expect(train!.points).toEqual([
      [0.5, 0.5],
      [1.5, 0.5],
    ]);
    expect(accuracyCurves(history)[1]!.points[0]).toEqual([0, 0.8]);
  });

  it('show the running loss once there is one, and no accuracy where there is nothing to count', () => {
    const trace = [
      { at: 0, loss: null, ranges: {} },
      { at: 0.25, loss: 2, ranges: {} },
    ];
    expect(lossCurves(history, trace)[0]).toEqual({ id: 'steps', label: 'train, last steps', points: [[0.25, 2]] });
    expect(accuracyCurves(history.map((row) => ({ ...row, validationAccuracy: null })))).toEqual([]);
  });
});

describe('planeOf', () => {
  it('shows all of every curve and level', () => {
    const level = { id: 'float', label: '', value: 3 } as const;
    const plane = planeOf([curve(1, 2)], [level], 4, [-Infinity, Infinity], BOX);
    expect([plane.x(0), plane.x(4)]).toEqual([0, 200]);
    // 1 … 3 with a margin of 0.16 at either side, on 100 pixels.
    expect(plane.y(3)).toBeCloseTo(10 + (0.16 / 2.32) * 100, 9);
    expect(plane.y(1)).toBeCloseTo(110 - (0.16 / 2.32) * 100, 9);
    expect(plane.xTicks).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not go where no value can be, and survives a flat curve and none', () => {
    const plane = planeOf([curve(0.5, 1)], [], 2, [0, 1], BOX);
    expect(plane.y(1)).toBe(10);
    expect(Math.max(...plane.yTicks)).toBeLessThanOrEqual(1);
    for (const curves of [[curve(0.5, 0.5)], [curve(0, 0)], [curve(NaN)], []]) {
      const { y, yTicks } = planeOf(curves, [], 1, [0, Infinity], BOX);
      expect(y(0.5)).toSatisfy(Number.isFinite);
      expect(yTicks.every(Number.isFinite)).toBe(true);
    }
  });

  it('draws what is finite', () => {
    const plane = planeOf([curve(0, 1)], [], 1, [0, 1], BOX);
    expect(
      curvePath(
        [
          [0, 0],
          [0.5, NaN],
          [1, 1],
        ],
        plane,
      ),
    ).toBe('M0.0 110.0L200.0 10.0');
  });
});
