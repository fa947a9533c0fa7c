import type { Run } from '../kernel';

const logistic = (v: number): number => 1 / (1 + Math.exp(-v));

/** LSTM in float, for files that LiteRT.js does not load because they remember; sums in float64. */
export function floatLstm(cellClip: number): Run {
  const clip = cellClip || Infinity;
  return (inputs, [sequence, cells]) => {
    const values = inputs.map((input) => input!.data as Float32Array);
    const [batch, steps, units] = sequence.shape as [number, number, number];
    const width = inputs[0]!.shape[2];
    const [h, c] = [sequence.data as Float32Array, cells.data as Float32Array];
    const dot = (weights: Float32Array, row: number, x: Float32Array, at: number, length: number): number => {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += weights[row * length + k] * x[at + k];
      return sum;
    };
    for (let step = 0; step < batch * steps; step++) {
      const isFirst = step % steps === 0;
      for (let unit = 0; unit < units; unit++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) => {
          const seen = dot(values[1 + gate], unit, values[0], step * width, width) + values[9 + gate][unit];
          return isFirst ? seen : seen + dot(values[5 + gate], unit, h, (step - 1) * units, units);
        }) as [number, number, number, number];
        const kept = isFirst ? 0 : logistic(f) * c[(step - 1) * units + unit];
        const cell = Math.max(-clip, Math.min(clip, kept + logistic(i) * Math.tanh(g)));
        c[step * units + unit] = cell;
        h[step * units + unit] = logistic(o) * Math.tanh(cell);
      }
    }
  };
}
