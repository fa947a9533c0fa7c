import type { Check } from '../finding';
import { decibels, namesOf, share } from '../words';

/** Noise as strong as a sixth of the signal: answers are no longer those of the float model. */
const LOST_DB = 8;
/** What is left without the worst layer is lost as well. */
const STILL_LOST_DB = 12;
const FEWEST_LAYERS = 3;

/**
 * A model that rounding ruins wherever it happens. Small networks of depthwise convolutions do this, such as MobileNetV1 0.25: each of
 * its layers alone costs more than a whole ResNet, and training with rounding in the loop is what such models are published with.
 */
export const needsTraining: Check = {
  id: 'needs-training',
  looksFor: 'An output that is lost although no single layer is to blame: a case for training.',
  find({ graph, shares, sqnrDb, data }) {
    const isWrongInput = data.isRandom || data.doctor.some(({ severity, about }) => severity === 'warning' && about);
    if (shares.size < FEWEST_LAYERS || !(sqnrDb < LOST_DB) || isWrongInput) return [];
    const ranked = [...shares].sort((a, b) => b[1] - a[1]);
    const worst = ranked[0][1];
    const without = sqnrDb - 10 * Math.log10(Math.max(1 - worst, 1e-6));
    if (!(without < STILL_LOST_DB)) return [];
    const layers = ranked.slice(0, FEWEST_LAYERS).map(([id]) => id);
    return [
      {
        title: 'A case for quantization-aware training',
        sentence:
          `Rounding leaves ${decibels(sqnrDb)} at the output, and without its worst layer about ${decibels(without)}: no choice of ranges ` +
          `or of a few layers in float brings this model back. Train it with rounding in the loop; the most sensitive layers are ${namesOf(graph, layers)}.`,
        layers,
        evidence: [
          { label: 'Output, all quantized', value: decibels(sqnrDb) },
          { label: 'Without the worst layer', value: decibels(without) },
          { label: 'Share of the worst layer', value: share(worst) },
        ],
        chart: {
          kind: 'bars',
          label: 'Each layer’s share of the noise',
          values: ranked.map(([, value]) => value),
          marked: [0, 1, 2],
        },
        fixes: [],
        ablation: null,
        estimate: 1 - worst,
      },
    ];
  },
};
