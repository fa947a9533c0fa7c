/** Diseases of the data, of the last layer, and of a layer among others. */
import { describe, expect, it } from 'vitest';
import { examinedOf } from '../../../testing/builders/examined';
import { checksOf, draw, inputs, onlyFinding, twoLayers } from '../../../testing/builders/two-layers';
import type { DoctorFinding } from '../../data/types';

describe('data-range', () => {
  const pipeline = [{ kind: 'scale', scale: 1 / 255, offset: 0 }] as const;
  const wrong: DoctorFinding = { severity: 'warning', about: 'input', message: 'The range is off.', fix: pipeline };

  it('says what the data doctor said of the input, before all else', () => {
    const finding = onlyFinding(examinedOf(twoLayers(), { ...inputs(), data: { doctor: [wrong] } }), 'data-range');
    expect(finding).toMatchObject({ layers: [], estimate: 1, fixes: [{ kind: 'preprocessing', pipeline }] });
    expect(finding.sentence).toMatch(/^The range is off\./);
  });

  it('leaves to the doctor what is not about the input', () => {
    const doctor: DoctorFinding[] = [
      { severity: 'ok', message: 'nothing looks wrong' },
      { severity: 'warning', message: 'Classes are uneven.' },
    ];
    expect(checksOf(examinedOf(twoLayers(), { ...inputs(), data: { doctor } }))).toEqual([]);
  });
});

describe('few-samples', () => {
  /** Samples whose size grows: the later ones reach beyond all before. */
  const growing = draw(64 * 16, 1).map((x, i) => x * (1 + Math.floor(i / 16) / 16));

  it('finds ranges that still grow, shows how they did, and calibrates on more', () => {
    const held = { values: growing.map((x) => 1.5 * x), samples: 64 };
    const finding = onlyFinding(examinedOf(twoLayers(), { values: growing, samples: 64, held }), 'few-samples');
    expect(finding.chart).toMatchObject({ kind: 'convergence' });
    expect(finding.layers).toContain('h');
    expect(finding.fixes).toMatchObject([{ kind: 'calibration', samples: 256 }]);
    expect(finding.estimate).toBeGreaterThan(0);
    expect(finding.evidence.find(({ label }) => label === 'Clipped of new data')!.value).not.toBe('0 %');
  });

  it('takes no more than evaluation leaves, and is silent where nothing is left', () => {
    const held = { values: growing.map((x) => 1.5 * x), samples: 64 };
    const at = (samples: number) =>
      examinedOf(twoLayers(), { values: growing, samples: 64, held, data: { samples, evaluationSamples: 200 } });
    expect(onlyFinding(at(300), 'few-samples').fixes).toMatchObject([{ samples: 100 }]);
    expect(checksOf(at(264))).toEqual([]);
  });

  it('finds nothing where ranges have settled, nor in noise, nor where no new value leaves a range that moved', () => {
    expect(checksOf(examinedOf(twoLayers(), inputs()))).toEqual([]);
    const noise = { values: growing, samples: 64, data: { isRandom: true } };
    expect(checksOf(examinedOf(twoLayers(), noise))).toEqual([]);
    expect(checksOf(examinedOf(twoLayers(), { values: growing, samples: 64 }))).toEqual([]);
  });

  it('looks at the bulk of the values where the estimator does', () => {
    // Only the extrema grow: one value in 3,000 that is larger each time.
    const values = draw(512 * 16, 1).map((x, i) => (i % 2999 === 0 ? 1 + i / 4000 : x));
    const held = { values: values.map((x) => 1.2 * x), samples: 512 };
    const at = (id: string) =>
      checksOf(examinedOf(twoLayers({ w1: (w) => w / 8 }), { values, samples: 512, held, settings: { activations: { estimator: { id, params: {} } } } })); // prettier-ignore
    expect(at('minmax')).toContain('few-samples');
    expect(at('percentile')).not.toContain('few-samples');
  });
});

describe('wide-head', () => {
  // Logits of ±50: a step of 0.4 changes odds by half.
  const sick = twoLayers({ w2: (w) => 10 * w, softmax: true });
  const errors = { y: { propagated: 0.001, total: 0.02 } };

  it('finds logits whose steps decide answers, and offers float or a range that keeps probabilities', () => {
    const finding = onlyFinding(examinedOf(sick, { ...inputs(), errors }), 'wide-head');
    expect(finding).toMatchObject({ title: 'Logits too wide for their codes', layers: ['y'] });
    expect(finding.fixes).toMatchObject([
      { patch: { layers: { y: { keepFloat: true }, probabilities: { keepFloat: true } } } },
      { patch: { tensors: { y: { estimator: { id: 'cross-entropy' } } } } },
    ]);
  });

  it('finds nothing where steps are fine, where the error comes from before, or where the head is in float', () => {
    const fine = twoLayers({ w2: (w) => w / 10, softmax: true });
    expect(checksOf(examinedOf(fine, { ...inputs(), errors }))).toEqual([]);
    expect(checksOf(examinedOf(sick, inputs()))).toEqual([]);
    const settings = { layers: { y: { keepFloat: true }, probabilities: { keepFloat: true } } };
    expect(checksOf(examinedOf(sick, { ...inputs(), errors, settings }))).toEqual([]);
  });
});

describe('dominant-layer', () => {
  const shares = { h: 0.7, y: 0.2, other: 0.1 };

  it('finds the layer, tells weights from rounding, and keeps in float what it takes', () => {
    const own = (weights: number) => ({ h: { weights, rounding: 1e-4, clipping: 0 } });
    const byRounding = onlyFinding(examinedOf(twoLayers(), { ...inputs(), shares, errors: own(0) }), 'dominant-layer');
    expect(byRounding).toMatchObject({ layers: ['h'], estimate: 0.7 });
    expect(byRounding.sentence).toContain('rounding of its output');
    expect(byRounding.fixes).toMatchObject([{ patch: { layers: { h: { keepFloat: true }, y: { keepFloat: true } } } }]);
    const byWeights = onlyFinding(examinedOf(twoLayers(), { ...inputs(), shares, errors: own(1) }), 'dominant-layer');
    expect(byWeights.sentence).toContain('Its weights');
    expect(byWeights.fixes).toEqual([
      { kind: 'settings', label: 'Keep it in float', patch: { layers: { h: { keepFloat: true } } } },
    ]);
  });

  it('gives narrow weights more bits first', () => {
    const settings = { layers: { h: { weightFormat: 'int5' } } };
    const made = { ...inputs(), shares, settings, errors: { h: { weights: 1 } } };
    const { fixes } = onlyFinding(examinedOf(twoLayers(), made), 'dominant-layer');
    expect(fixes[0]).toMatchObject({ patch: { layers: { h: { weightFormat: 'int8' } } } });
  });

  it('says nothing where layers are alike, few, or the output is good', () => {
    expect(checksOf(examinedOf(twoLayers(), { ...inputs(), shares: { h: 0.35, y: 0.35, other: 0.3 } }))).toEqual([]);
    expect(checksOf(examinedOf(twoLayers(), { ...inputs(), shares: { h: 0.7, y: 0.3 } }))).toEqual([]);
    expect(checksOf(examinedOf(twoLayers(), { ...inputs(), shares, sqnrDb: 50 }))).toEqual([]);
  });
});

describe('needs-training', () => {
  const shares = { h: 0.35, y: 0.35, other: 0.3 };

  it('advises training where the output is lost and no layer alone is to blame', () => {
    const finding = onlyFinding(examinedOf(twoLayers(), { ...inputs(), shares, sqnrDb: 2 }), 'needs-training');
    // The worst brings 35 % of the noise: 10 log10(1 / 0.65) = 1.9 dB are won without it.
    expect(finding.evidence[1]).toEqual({ label: 'Without the worst layer', value: '3.9 dB' });
    expect(finding).toMatchObject({ fixes: [], layers: ['h', 'y', 'other'] });
  });

  it('is silent where one layer is to blame, where the output is there, and where the input is wrong', () => {
    const checks = (made: object) => checksOf(examinedOf(twoLayers(), { ...inputs(), shares, sqnrDb: 2, ...made }));
    expect(checks({ shares: { h: 0.98, y: 0.01, other: 0.01 } })).not.toContain('needs-training');
    expect(checks({ sqnrDb: 15 })).toEqual([]);
    const doctor = [{ severity: 'warning', about: 'input', message: 'The range is off.' }];
    expect(checks({ data: { doctor } })).not.toContain('needs-training');
  });
});
