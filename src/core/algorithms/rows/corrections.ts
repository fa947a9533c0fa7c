import type { Correction } from '../algorithm';
import { meanShift } from '../correct-bias';

const FIGURE = { figure: 'shift of the mean output, share of its deviation', largerIsBetter: false } as const;

export const empiricalCorrection: Correction = {
  step: 'correction',
  id: 'bias-correction',
  label: 'Bias correction',
  explain: 'Measures by how much rounding moves each channel’s mean output, layer by layer, and takes it back.',
  needsData: true,
  params: [],
  ...FIGURE,
  correct: ({ float, quantized }) => ({ shift: quantized.mean.map((mean, c) => mean - float.mean[c]) }),
};

export const analyticCorrection: Correction = {
  step: 'correction',
  id: 'bias-correction-analytic',
  label: 'Bias correction, analytic',
  explain: 'Computes the same shift from the weights’ rounding and the mean that a rectified normal input would have.',
  needsData: true,
  params: [],
  ...FIGURE,
  correct: ({ layer, rounded, expected }) => ({ shift: meanShift(layer, rounded, expected) }),
};

/** A deviation that changed more than this is no rounding's work. */
const MOST_GAIN = 2;

/**
 * With y = gain·(ŷ − mean(ŷ)) + mean(y) each channel has its mean and its deviation back, which is what batch norm with
 * statistics of the quantized model would do (Sun et al. 2019). It is folded: the gain into scales, the rest into biases.
 */
export const batchNormCorrection: Correction = {
  step: 'correction',
  id: 'batch-norm',
  label: 'Batch-norm re-estimation',
  explain:
    'Gives each channel its mean and its spread back, as batch norm would with the quantized model’s statistics.',
  needsData: true,
  params: [],
  ...FIGURE,
  correct: ({ float, quantized, perChannel }) => {
    const gain = float.std.map((std, c) => {
      const ratio = std / quantized.std[c];
      return perChannel && ratio >= 1 / MOST_GAIN && ratio <= MOST_GAIN ? ratio : 1;
    });
    return { gain, shift: gain.map((g, c) => g * quantized.mean[c] - float.mean[c]) };
  },
};
