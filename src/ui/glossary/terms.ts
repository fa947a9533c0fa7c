/** The field's words as the page uses them, each in a sentence or two. */
export interface Definition {
  readonly title: string;
  readonly says: string;
}

export const TERMS = {
  quantization: {
    title: 'Quantization',
    says: 'Storing and computing real numbers as small integers: real = scale × (q − zero point). Smaller files and faster kernels, at the price of rounding.',
  },
  scale: {
    title: 'Scale',
    says: 'The real difference between two neighbouring integer codes: the step of the ruler that values are rounded to.',
  },
  'zero-point': {
    title: 'Zero point',
    says: 'The integer code that stands for the real value 0, so that zeros, as padding has them, are exact.',
  },
  clipping: {
    title: 'Clipping',
    says: 'Values outside the range are moved to its end. A smaller range clips more and rounds less; the best one balances both.',
  },
  rounding: {
    title: 'Rounding error',
    says: 'What is lost because a value between two codes takes the nearer one; at most half a scale each.',
  },
  sqnr: {
    title: 'SQNR',
    says: 'Signal to quantization noise ratio in decibels: 10·log10 of the signal’s power over the error’s. 6 dB are about one bit; below 15 dB an output is in trouble.',
  },
  calibration: {
    title: 'Calibration',
    says: 'Running a few hundred samples through the float model to see which values each tensor takes, and choosing ranges from that.',
  },
  'per-channel': {
    title: 'Per channel, per tensor',
    says: 'Whether each output channel of a weight has a scale of its own or all share one. One scale for channels of very unequal size ruins the small ones.',
  },
  sensitivity: {
    title: 'Accuracy change, alone',
    says: 'How much the score changes when only this layer is quantized and all others stay in float.',
  },
  exact: {
    title: 'Bit-exact',
    says: 'Every value that the runtime computed with the exported file equals what integer arithmetic predicts, tensor by tensor.',
  },
  ptq: {
    title: 'PTQ',
    says: 'Post-training quantization: the trained weights are rounded as they are, with ranges from calibration.',
  },
  qat: {
    title: 'QAT',
    says: 'Quantization-aware training: training goes on with rounding in the loop, so that weights learn to live with it.',
  },
  agreement: {
    title: 'Agreement',
    says: 'Without labels: the share of samples whose largest output is the float model’s. It measures the change, not the accuracy.',
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type TermId = keyof typeof TERMS;
