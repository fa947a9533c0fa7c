/**
 * Losses on a batch of outputs, plain arrays: outputs are small beside what computes them. Each gives the mean over the
 * samples and its gradient.
 */
export interface LossValue {
  readonly loss: number;
  /** With respect to each output. */
  readonly gradient: Float32Array;
}

/** log Σ exp of a row of logits and the row's probabilities into `p`. */
function softmaxRow(z: Float32Array, at: number, size: number, factor: number, p: Float64Array): number {
  let top = -Infinity;
  for (let i = 0; i < size; i++) top = Math.max(top, z[at + i] * factor);
  let sum = 0;
  for (let i = 0; i < size; i++) sum += p[i] = Math.exp(z[at + i] * factor - top);
  for (let i = 0; i < size; i++) p[i] /= sum;
  return top + Math.log(sum);
}

/**
 * −log softmax(beta · z)[label]
 * @param labels one for each row of `classes` logits
 */
export function crossEntropy(logits: Float32Array, labels: ArrayLike<number>, beta = 1): LossValue {
  const classes = logits.length / labels.length;
  const gradient = new Float32Array(logits.length);
  const p = new Float64Array(classes);
  let loss = 0;
  for (let n = 0; n < labels.length; n++) {
    const at = n * classes;
    const logSum = softmaxRow(logits, at, classes, beta, p);
    loss += logSum - beta * logits[at + labels[n]];
    for (let i = 0; i < classes; i++) gradient[at + i] = (beta * (p[i] - Number(i === labels[n]))) / labels.length;
  }
  return { loss: loss / labels.length, gradient };
}

/** −log of the probability that sigmoid(z) gives a label of 0 or 1. */
export function binaryCrossEntropy(logits: Float32Array, labels: ArrayLike<number>): LossValue {
  const count = labels.length;
  const gradient = new Float32Array(logits.length);
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const z = logits[n];
    loss += Math.max(z, 0) - z * labels[n] + Math.log1p(Math.exp(-Math.abs(z)));
    gradient[n] = (1 / (1 + Math.exp(-z)) - labels[n]) / count;
  }
  return { loss: loss / count, gradient };
}

/** Mean of squared differences. */
export function meanSquaredError(outputs: Float32Array, targets: Float32Array): LossValue {
  const gradient = new Float32Array(outputs.length);
  let loss = 0;
  for (let i = 0; i < outputs.length; i++) {
    const error = outputs[i] - targets[i];
    loss += error * error;
    gradient[i] = (2 * error) / outputs.length;
  }
  return { loss: loss / outputs.length, gradient };
}

/**
 * T² · KL(teacher ‖ student) of the softmax at temperature T (Hinton et al. 2015); the square keeps the gradient's size.
 * @param samples rows in either
 */
export function distillation(
  logits: Float32Array,
  teacher: Float32Array,
  samples: number,
  temperature: number,
  beta = 1,
): LossValue {
  const classes = logits.length / samples;
  const gradient = new Float32Array(logits.length);
  const factor = beta / temperature;
  const [p, q] = [new Float64Array(classes), new Float64Array(classes)];
  let loss = 0;
  for (let n = 0; n < samples; n++) {
    const at = n * classes;
    const teacherLogSum = softmaxRow(teacher, at, classes, factor, p);
    const logSum = softmaxRow(logits, at, classes, factor, q);
    for (let i = 0; i < classes; i++) {
      loss += p[i] * (factor * (teacher[at + i] - logits[at + i]) - teacherLogSum + logSum);
      gradient[at + i] = (temperature * beta * (q[i] - p[i])) / samples;
    }
  }
  return { loss: (temperature * temperature * loss) / samples, gradient };
}
