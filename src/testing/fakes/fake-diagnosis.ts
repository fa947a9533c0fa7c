/** A diagnosis of the fake model: a channel that takes the scale of all, and a layer left in the middle of nowhere. */
import type { Diagnosis, RankedFinding } from '../../jobs/contract/diagnosis-protocol';
import type { Score } from '../../jobs/contract/judgement-protocol';
import type { Difference } from '../../core/metrics/interval';
import { LAYERS } from './fake-model';

function findings(before: Score, after: Score): RankedFinding[] {
  return [
    {
      check: 'outlier-channel',
      title: 'One channel takes the scale of all',
      sentence: 'Channel 7 has weights up to 4, half of the 16 channels none beyond 0.2.',
      layers: [LAYERS[0].id, LAYERS[2].id],
      evidence: [{ label: 'Widest channel', value: '4' }],
      chart: { kind: 'bars', label: 'Largest weight of each channel', values: [0.2, 0.1, 4, 0.3], marked: [2] },
      fixes: [{ kind: 'settings', label: 'Equalize channels', patch: { algorithms: ['cle'] } }],
      estimate: 0.8,
      severity: 'severe',
      cost: 0.9,
      ablation: null,
      place: null,
      effects: [{ sqnrDb: 30, score: after, change: changeOf(before, after) }],
      inert: [],
    },
    {
      check: 'data-range',
      title: 'The data is not what the model expects',
      sentence: 'The data spans 0 … 255.',
      layers: [],
      evidence: [],
      fixes: [
        {
          kind: 'preprocessing',
          label: 'Use this preprocessing',
          pipeline: [{ kind: 'scale', scale: 1 / 255, offset: 0 }],
        },
        { kind: 'calibration', label: 'Calibrate on 2000 samples', samples: 2000 },
      ],
      estimate: 0.1,
      severity: before.value < after.value ? 'minor' : 'moderate',
      cost: 0.1,
      ablation: null,
      place: null,
      effects: [null, null],
      inert: [],
    },
  ];
}

function changeOf(from: Score, to: Score): Difference {
  const value = to.value - from.value;
  return { value, low: value - 0.001, high: value + 0.001, n: 125, method: 'mcnemar' };
}

export function diagnosis(before: Score, after: Score): Diagnosis {
  return {
    samples: 128,
    sqnrDb: 18.4,
    activations: LAYERS.map((layer, i) => ({
      tensor: layer.output.id,
      op: layer.id,
      count: 1e6,
      signal: 1,
      clipping: 1e-4 * (i % 3),
      rounding: 2e-4,
      weights: layer.weight ? 3e-4 : 0,
      propagated: 1e-4 * i,
      total: 1e-4 * (2 + (i % 3) + i + (layer.weight ? 3 : 0)),
      cross: 0,
      clippedShare: 0.001 * (i % 3),
    })),
    weights: LAYERS.flatMap(({ id, weight }) =>
      weight ? [{ op: id, tensor: weight.id, count: 144, signal: 1, clipping: 0, rounding: 1e-4 }] : [],
    ),
    shares: LAYERS.slice(0, 4).map(({ id }, i) => ({ op: id, share: [0.5, 0.3, 0.15, 0.05][i], sqnrDb: 20 + i })),
    findings: findings(before, after),
    held: {
      samples: 125,
      float: after,
      before: { sqnrDb: 18, score: before },
      outputDb: 18,
      loss: changeOf(after, before),
      countsAnswers: false,
    },
  };
}
