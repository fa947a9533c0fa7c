/** Diseases of weights. */
import { describe, expect, it } from 'vitest';
import { examinedOf } from '../../../testing/builders/examined';
import { PER_TENSOR, checksOf, inputs, onlyFinding, twoLayers } from '../../../testing/builders/two-layers';
import { INT8_WEIGHT } from '../../number-formats/format';
import { chooseQuantParams } from '../../numerics/affine';

describe('a healthy network', () => {
  it('has nothing to be found, per tensor nor per channel', () => {
    expect(checksOf(examinedOf(twoLayers(), inputs()))).toEqual([]);
    expect(checksOf(examinedOf(twoLayers(), { ...inputs(), settings: PER_TENSOR }))).toEqual([]);
  });
});

describe('outlier-channel', () => {
  // One weight of channel 3 is 40 and meets an input 40 times as small: activations are as even as before.
  const sick = twoLayers({ w1: (w, out, into) => (out === 3 && into === 0 ? 40 : w) });
  const small = { ...inputs(), values: inputs().values.map((x, i) => (i % 16 === 0 ? x / 40 : x)) };

  it('finds the channel, says how many codes it leaves, and offers both ways out', () => {
    const finding = onlyFinding(examinedOf(sick, { ...small, settings: PER_TENSOR }), 'outlier-channel');
    expect(finding.layers).toEqual(['h']);
    expect(finding.chart).toMatchObject({ kind: 'bars', marked: [3] });
    // Weights lie evenly in ±1: the other channels reach nearly 1, so 127/40 codes are left to them.
    const codes = Number(finding.evidence.find(({ label }) => label === 'Codes left to it')!.value);
    expect(Math.abs(codes - 127 / 40)).toBeLessThan(0.6);
    expect(finding.fixes.map(({ label }) => label)).toEqual(['Equalize channels', 'One scale per channel']);
  });

  it('has nothing to say of scales per channel, of floating-point weights, or of an equalized model', () => {
    expect(checksOf(examinedOf(sick, small))).not.toContain('outlier-channel');
    const fp8 = { weights: { ...PER_TENSOR.weights!, format: 'fp8-e4m3fn' } };
    expect(checksOf(examinedOf(sick, { ...small, settings: fp8 }))).not.toContain('outlier-channel');
    const on = { ...PER_TENSOR, algorithms: [{ id: 'cle', params: {} }] };
    const { fixes } = onlyFinding(examinedOf(sick, { ...small, settings: on }), 'outlier-channel');
    expect(fixes.map(({ label }) => label)).toEqual(['One scale per channel']);
  });

  it('offers nothing for trained weights, which belong to the settings they were trained under', () => {
    const settings = { ...PER_TENSOR, trained: 'somewhere' };
    expect(onlyFinding(examinedOf(sick, { ...small, settings }), 'outlier-channel').fixes).toEqual([]);
  });
});

describe('uneven-activations', () => {
  const sick = twoLayers({ w1: (w, out) => (out === 3 ? 60 * w : w), w2: (w, _, into) => (into === 3 ? w / 60 : w) });

  it('finds the channel that sets the scale of all, where weights have scales of their own', () => {
    const finding = onlyFinding(examinedOf(sick, inputs()), 'uneven-activations');
    expect(finding.layers).toEqual(['h']);
    expect(finding.chart).toMatchObject({ kind: 'bars', marked: [3] });
    expect(finding.fixes.map(({ label }) => label)).toEqual(['Equalize channels', 'Smooth dense layers']);
  });
});

describe('bias-overflow', () => {
  // A channel that training nearly gave up: weights of 1e-6, and a bias that no int32 holds at s_in · 1e-6 / 127.
  const sick = twoLayers({ w1: (w, out) => (out === 5 ? w * 1e-6 : w), b1: (b, out) => (out === 5 ? 0.9 : b) });

  it('finds the channel, and how much its scale had to grow', () => {
    const examined = examinedOf(sick, inputs());
    const finding = onlyFinding(examined, 'bias-overflow');
    expect(finding.title).toBe('A bias too large for its scale');
    expect(finding.sentence).toContain('Channel 5');
    const input = examined.plan.activations.x.params.scale[0];
    const own = chooseQuantParams(examined.plan.weights.w1.ranges[5], INT8_WEIGHT).scale;
    const factor = Number(finding.evidence.find(({ label }) => label === 'Scale enlarged')!.value.replace('×', ''));
    expect(Math.abs(factor / (0.9 / (input * 2 ** 30) / own) - 1)).toBeLessThan(0.01);
    expect(finding.fixes.map(({ label }) => label)).toEqual(['Keep the layer in float']);
  });

  it('mentions dead channels, which cost nothing', () => {
    const dead = twoLayers({ w1: (w, out) => (out < 2 ? w * out * 1e-20 : w) });
    const finding = onlyFinding(examinedOf(dead, inputs()), 'bias-overflow');
    expect(finding).toMatchObject({ title: 'Dead channels', layers: ['h'], fixes: [], estimate: 0 });
    expect(finding.evidence).toEqual([{ label: 'Dead channels', value: '2' }]);
  });
});

describe('heavy-tails of weights', () => {
  it('finds the layer whose few largest weights set the scale, at four bits', () => {
    // Laplace: the largest of 9,216 lies at 9·b, where 3.4 deviations, 4.8·b, would be best (oracles §2).
    const width = 96;
    const sick = twoLayers({ width, w1: (w) => -Math.sign(w) * Math.log(1 - Math.abs(w)) });
    const settings = { weights: { ...PER_TENSOR.weights!, format: 'int4' } };
    const finding = onlyFinding(examinedOf(sick, { ...inputs(width, 200), settings }), 'heavy-tails');
    expect(finding).toMatchObject({ title: 'Rare weights take most of the codes', layers: ['h'] });
    expect(finding.fixes).toMatchObject([{ patch: { tensors: { w1: { estimator: { id: 'mse' } } } } }]);
  });
});
