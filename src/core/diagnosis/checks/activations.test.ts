/** Diseases of activations and of the way they are joined. */
import { describe, expect, it } from 'vitest';
import { examinedOf } from '../../../testing/builders/examined';
import { checksOf, draw, inputs, onlyFinding, twoLayers } from '../../../testing/builders/two-layers';
import { GraphBuilder } from '../../graph/build';
import { findAll } from '../table';

const samples = 1024;

describe('heavy-tails of activations', () => {
  // Three inputs of 16,384 reach 20, all others 1. At 4 bits a step of the whole range is 1.4.
  const rare = draw(samples * 16, 1).map((x, i) => (i % 5000 === 4999 ? 20 : x));
  const int4 = (id: string) => ({ activations: { estimator: { id, params: {} }, format: 'int4' } });

  it('finds the tensor, what nearly all of its values make do with, and offers clipping', () => {
    const found = findAll(examinedOf(twoLayers(), { values: rare, samples, settings: int4('minmax') }));
    const finding = found.find(({ chart }) => chart?.kind === 'distribution' && chart.tensor === 'x')!;
    expect(finding).toMatchObject({ check: 'heavy-tails', title: 'Rare values take most of the codes', layers: ['h'] });
    const codes = Number(finding.evidence.find(({ label }) => label === 'Codes for 99.9 %')!.value);
    expect(Math.abs(codes - 2 / (21 / 15))).toBeLessThan(0.05);
    expect(finding.fixes[0]).toMatchObject({ patch: { tensors: { x: { estimator: { id: 'mse' } } } } });
    expect(new Set(found.map(({ check }) => check))).toEqual(new Set(['heavy-tails']));
  });

  it('leaves ranges alone that a person or an estimator has cut already', () => {
    const settings = int4('mse');
    expect(checksOf(examinedOf(twoLayers(), { values: rare, samples, settings }))).not.toContain('heavy-tails');
  });
});

describe('saturation', () => {
  it('finds a range set narrower than its values, and gives it back', () => {
    const settings = { tensors: { x: { range: { min: -0.5, max: 0.5 } } } };
    const finding = onlyFinding(examinedOf(twoLayers(), { ...inputs(), settings }), 'saturation');
    expect(finding).toMatchObject({ title: 'Values pile up at the end of the range', layers: ['h'] });
    // Half of the values of a uniform distribution.
    const clipped = Number(finding.evidence.find(({ label }) => label === 'Clipped')!.value.split(' ')[0]);
    expect(Math.abs(clipped - 50)).toBeLessThan(1.5);
    expect(finding.fixes.map(({ label }) => label)).toEqual(['Use the estimated range', 'Take the whole range']);
  });

  it('knows the cut of a fused activation, which costs quantization nothing', () => {
    const sick = twoLayers({ w1: (w) => 5 * w, activation: 'relu6' });
    const finding = onlyFinding(examinedOf(sick, inputs()), 'saturation');
    expect(finding).toMatchObject({ title: 'A fused activation saturates', layers: ['h'], fixes: [], estimate: 0 });
    expect(finding.evidence[0].label).toBe('Values at 6');
    const untouched = twoLayers({ w1: (w) => w / 5, activation: 'relu6' });
    expect(checksOf(examinedOf(untouched, inputs()))).toEqual([]);
  });
});

describe('idle-codes', () => {
  const labels = (examined: Parameters<typeof findAll>[0]) =>
    onlyFinding(examined, 'idle-codes').fixes.map(({ label }) => label);

  it('finds values far from zero, whose grid spans the way to it', () => {
    const shifted = draw(samples * 16, 1).map((x) => 5 + x); // 4 … 6 on a grid of 0 … 6
    const examined = examinedOf(twoLayers({ w1: (w) => w / 8 }), { values: shifted, samples });
    const finding = onlyFinding(examined, 'idle-codes');
    expect(finding).toMatchObject({ title: 'Values far from zero', layers: ['h'], fixes: [] });
    expect(finding.evidence[0].value).toMatch(/^66\.\d %$/);
  });

  it('absorbs the bias of a layer whose output never comes near zero', () => {
    const sick = twoLayers({ w1: (w) => w / 16, b1: () => 6 });
    expect(labels(examinedOf(sick, inputs()))).toEqual(['Absorb the high bias']);
  });

  it('finds a range that a hand set too wide', () => {
    const settings = { tensors: { x: { range: { min: -3, max: 3 } } } };
    expect(labels(examinedOf(twoLayers(), { ...inputs(), settings }))).toEqual(['Use the estimated range']);
  });
});

describe('concat-ranges', () => {
  /** x → two layers, the second of which is `factor` times as wide → joined → read. */
  function joined(factor: number) {
    const b = new GraphBuilder('joined');
    const x = b.input('x', [-1, 8]);
    const dense = (name: string, from: string, seed: number, scale: number, size = 8) =>
      b.op('fullyConnected', name, [from, b.constant(`${name}/w`, draw(8 * size, seed).map((w) => scale * w), [8, size]), null], { keepDims: false })[0]; // prettier-ignore
    const [both] = b.op('concat', 'both', [dense('left', x, 2, 1), dense('right', x, 3, factor)], { axis: 1 });
    return b.build([dense('out', both, 4, 1, 16)]);
  }

  it('finds the input that is left with a few codes, and lets both keep their scales', () => {
    const shares = { left: 0.1, right: 0.1, both: 0.6, out: 0.2 };
    const found = findAll(examinedOf(joined(40), { ...inputs(8), shares, sqnrDb: 60 }));
    const finding = found.find(({ check }) => check === 'concat-ranges')!;
    expect(finding.layers).toEqual(['both']);
    expect(finding.sentence).toMatch(/^left spans/);
    const codes = Number(finding.evidence.find(({ label }) => label === 'Codes left to it')!.value);
    expect(Math.abs(codes - 255 / 40)).toBeLessThan(2);
    expect(finding.fixes).toMatchObject([
      { patch: { algorithms: ['level-joins'] } },
      { patch: { tensors: { both: { estimator: { id: 'mse' } } } } },
      { patch: { layers: { both: { keepFloat: true }, out: { keepFloat: true } } } },
    ]);
    expect(finding.estimate).toBe(0.6);
  });

  it('does not offer what is on, or chosen, already', () => {
    const settings = {
      algorithms: [{ id: 'level-joins', params: {} }],
      activations: { estimator: { id: 'mse', params: {} } },
    };
    const found = findAll(examinedOf(joined(40), { ...inputs(8), sqnrDb: 60, settings }));
    expect(found.find(({ check }) => check === 'concat-ranges')!.fixes.map(({ label }) => label)).toEqual([
      'Keep the concat and its consumers in float',
    ]);
  });

  it('has nothing to say of equal inputs, nor of a concatenation in float', () => {
    expect(checksOf(examinedOf(joined(1), { ...inputs(8), sqnrDb: 60 }))).toEqual([]);
    const settings = { layers: { both: { keepFloat: true }, out: { keepFloat: true } } };
    expect(checksOf(examinedOf(joined(40), { ...inputs(8), sqnrDb: 60, settings }))).not.toContain('concat-ranges');
  });
});
