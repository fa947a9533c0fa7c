/** Ops that look for the largest or smallest codes of an axis; equal codes count in their order. */
import { elementCount } from '../../../core/graph/graph';
import { codes, required, type Kernel, type Run, type Values } from '../kernel';

/** Writes a position in whichever integers the output has. */
function put({ data }: Values, at: number, position: number): void {
  if (data instanceof BigInt64Array) data[at] = BigInt(position);
  else data[at] = position;
}

function positionOf(axis: number, better: (a: number, b: number) => boolean): Run {
  return (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const source = codes(inputs, 0);
    const inner = elementCount(shape.slice(axis + 1));
    const length = shape[axis];
    for (let i = 0; i < out.data.length; i++) {
      const start = Math.floor(i / inner) * length * inner + (i % inner);
      let best = 0;
      for (let k = 1; k < length; k++) if (better(source[start + k * inner], source[start + best * inner])) best = k;
      put(out, i, best);
    }
  };
}

export const argMax: Kernel<'argMax'> = (op) => positionOf(op.attrs.axis, (a, b) => a > b);
export const argMin: Kernel<'argMin'> = (op) => positionOf(op.attrs.axis, (a, b) => a < b);

export const topK: Kernel<'topK'> =
  ({ attrs: { k } }) =>
  (inputs, [values, positions]) => {
    const source = codes(inputs, 0);
    const length = required(inputs, 0).shape.at(-1)!;
    for (let row = 0; row * length < source.length; row++) {
      const line = source.subarray(row * length, (row + 1) * length);
      const order = Array.from(line, (_, i) => i).sort((a, b) => line[b] - line[a] || a - b);
      for (let i = 0; i < k; i++) {
        values.data[row * k + i] = line[order[i]];
        put(positions, row * k + i, order[i]);
      }
    }
  };
