import type { Op } from '../../../core/graph/ops/attrs';
import { sum, type NaiveTensor } from './array';

const logistic = (v: number) => 1 / (1 + Math.exp(-v));

/** The equations of the LSTM, one unit of one step at a time. */
export function lstm({ attrs }: Op<'lstm'>, x: readonly NaiveTensor[], shape: readonly number[]): NaiveTensor[] {
  const [batch, steps, units] = shape as [number, number, number];
  const width = x[0].shape[2];
  const outputs = new Float32Array(batch * steps * units);
  const cells = new Float32Array(outputs.length);
  for (let n = 0; n < batch; n++)
    for (let t = 0; t < steps; t++) {
      const row = n * steps + t;
      const before = (values: Float32Array, unit: number) => (t === 0 ? 0 : values[(row - 1) * units + unit]);
      const gate = (g: number, u: number) =>
        sum(width, (k) => x[1 + g].data[u * width + k] * x[0].data[row * width + k]) +
        sum(units, (k) => x[5 + g].data[u * units + k] * before(outputs, k)) +
        x[9 + g].data[u];
      for (let u = 0; u < units; u++) {
        const cell = logistic(gate(1, u)) * before(cells, u) + logistic(gate(0, u)) * Math.tanh(gate(2, u));
        const clip = attrs.cellClip || Infinity;
        cells[row * units + u] = Math.max(-clip, Math.min(clip, cell));
        outputs[row * units + u] = logistic(gate(3, u)) * Math.tanh(cells[row * units + u]);
      }
    }
  return [
    { shape, data: outputs },
    { shape, data: cells },
  ];
}
