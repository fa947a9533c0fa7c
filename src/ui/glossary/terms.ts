/** The field's words as the page uses them: what each is, and why it matters. */
export interface Definition {
  readonly title: string;
  /** Two sentences. */
  readonly says: string;
}

export const TERMS = {
  quantization: {
    title: 'Quantization',
    says: 'Storing and computing real numbers as small integers: real = scale × (q − zero point). Files get smaller and kernels faster, at the price of rounding.',
  },
  scale: {
    title: 'Scale',
    says: 'The real difference between two neighbouring integer codes: the step of the ruler that values are rounded to. Half of it is the largest rounding error.',
  },
  'zero-point': {
    title: 'Zero point',
    says: 'The integer code that stands for the real value 0. It is a whole number, so that zeros, as padding has them, are exact.',
  },
  range: {
    title: 'Range',
    says: 'The smallest and the largest real value that have a code. Step = range ÷ (codes − 1): a narrower range has finer steps and clips more.',
  },
  clipping: {
    title: 'Clipping',
    says: 'Values outside the range are moved to its end. A smaller range clips more and rounds less; the best one balances both.',
  },
  rounding: {
    title: 'Rounding error',
    says: 'What is lost because a value between two codes takes the nearer one. It is at most half a scale each.',
  },
  sqnr: {
    title: 'SQNR',
    says: 'Signal to quantization noise ratio in decibels: 10·log10 of the signal’s power over the error’s. 6 dB are about one bit; below 15 dB an output is in trouble.',
  },
  calibration: {
    title: 'Calibration',
    says: 'Running a few hundred samples through the float model to see which values each tensor takes. Ranges of activations are chosen from that.',
  },
  estimator: {
    title: 'Estimator',
    says: 'The rule that makes a range of what calibration saw. Min–max keeps every value, percentiles leave the rarest out, least error looks for the lowest point of the cost curve.',
  },
  'per-channel': {
    title: 'Per channel, per tensor',
    says: 'Whether each output channel of a weight has a scale of its own or all share one. One scale for channels of very unequal size ruins the small ones.',
  },
  folding: {
    title: 'Batch norm folding',
    says: 'The factor and the shift of a batch normalization go into the weights and the bias before it. Float outputs stay the same, and channels may become unequal.',
  },
  equalization: {
    title: 'Cross-layer equalization',
    says: 'ReLU(s·x) = s·ReLU(x): a channel’s factor can move from one layer’s weights into the next one’s. Ranges become alike without any data.',
  },
  adaround: {
    title: 'AdaRound',
    says: 'Learns for each weight whether it is better rounded up or down. What counts is the error of the layer’s output, not of the weight.',
  },
  accumulator: {
    title: 'Accumulator',
    says: 'The wide integer in which products are added up: 32 bits for int8. A multiplier, s_in · s_w ÷ s_out, brings the sum back to 8 bits.',
  },
  sensitivity: {
    title: 'Accuracy change, alone',
    says: 'How much the score changes when only this layer is quantized. All others stay in float, so that nothing is carried in.',
  },
  exact: {
    title: 'Bit-exact',
    says: 'Every value that the runtime computed with the exported file equals what integer arithmetic predicts, tensor by tensor. It is said of one runtime: others may round differently by a step.',
  },
  ptq: {
    title: 'PTQ',
    says: 'Post-training quantization: the trained weights are rounded as they are, with ranges from calibration. It takes seconds and needs no labels.',
  },
  qat: {
    title: 'QAT',
    says: 'Quantization-aware training: training goes on with rounding in the loop, so that weights learn to live with it. It takes minutes and labels, and pays with few bits.',
  },
  'straight-through': {
    title: 'Straight-through estimator',
    says: 'Rounding has no slope that training could follow, so gradients pass through it as if it were not there. They stop where values are clipped.',
  },
  'mixed-precision': {
    title: 'Mixed precision',
    says: 'Layers get different numbers of bits, each as many as it needs. A search finds which choice gives the best score for a size.',
  },
  front: {
    title: 'Pareto front',
    says: 'The configurations that none other beats in both size and score. Everything off the front can be made smaller or better without paying for it.',
  },
  fp8: {
    title: 'FP8',
    says: 'Floating point in 8 bits, of which 4 or 5 are the exponent: steps are finer near zero. It bears outliers better than INT8, and its multiply-accumulates take more gates.',
  },
  codebook: {
    title: 'Codebook',
    says: 'A few values chosen freely, by k-means, to which all weights are rounded; each weight stores the number of its value. They lie where the weights are, but need a look-up before every product.',
  },
  bops: {
    title: 'BOPs',
    says: 'Bit operations: multiply-accumulates times the bits of both factors. They compare the work of formats without a processor in mind.',
  },
  agreement: {
    title: 'Agreement',
    says: 'Without labels: the share of samples whose largest output is the float model’s. It measures the change, not the accuracy.',
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type TermId = keyof typeof TERMS;
