/** How well a model does on a handful of samples, with or without their labels: to compare preprocessings with. */

export interface OutputScore {
  readonly metric: 'accuracy' | 'information';
  /** 0..1 */
  readonly score: number;
}

/**
 * @param outputs one row of class scores (probabilities or logits) per sample; rows of one are a probability.
 * @param labels of the same samples; ignored where one is beyond the classes, as labels of other data are.
 *
 * Without labels: the mutual information between sample and answer, H(mean p) − mean H(p), as a share of the most there
 * could be, log(min(classes, samples)). A model fed the wrong range is unsure, or gives one answer to everything; both
 * score near 0. It is weaker evidence than labels: noise can be confident and varied.
 */
export function scoreOutputs(outputs: readonly Float32Array[], labels?: ArrayLike<number>): OutputScore {
  const answers = Math.max(2, outputs[0]?.length ?? 0);
  if (labels && Array.from(labels).every((label) => label < answers)) {
    let right = 0;
    outputs.forEach((row, i) => (right += Number(answer(row) === labels[i])));
    return { metric: 'accuracy', score: outputs.length === 0 ? 0 : right / outputs.length };
  }
  const rows = outputs.map(probabilities);
  const mean = new Float64Array(rows[0]?.length ?? 0);
  let conditional = 0;
  for (const row of rows) {
    row.forEach((p, c) => (mean[c] += p / rows.length));
    conditional += entropy(row) / rows.length;
  }
  const most = Math.log(Math.min(mean.length, rows.length));
  return { metric: 'information', score: most > 0 ? Math.max(0, entropy(mean) - conditional) / most : 0 };
}

function answer(row: Float32Array): number {
  if (row.length === 1) return Number(row[0] > 0.5);
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  return best;
}

/** Rows that are no distribution are logits. */
function probabilities(row: Float32Array): Float64Array {
  if (row.length === 1) {
    const p = Math.min(1, Math.max(0, row[0]));
    return Float64Array.of(p, 1 - p);
  }
  const sum = row.reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) < 1e-2 && row.every((value) => value >= 0)) return Float64Array.from(row);
  const max = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(row, (value) => Math.exp(value - max));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** In nats. */
function entropy(distribution: Float64Array): number {
  let sum = 0;
  for (const p of distribution) if (p > 0) sum -= p * Math.log(p);
  return sum;
}
