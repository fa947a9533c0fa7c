/**
 * LSTM as LiteRT and TensorFlow Lite Micro compute it: int8 inputs, weights and outputs, gates and cell in int16.
 * Source: LiteRT, kernels/lstm_eval.cc and internal/reference/portable_tensor_utils.cc.
 */
import type { Tensor } from '../../../core/graph/graph';
import { logistic16, tanh16 } from '../../../core/numerics/fixed16';
import {
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundingDivideByPOT,
  type FixedPoint,
} from '../../../core/numerics/requantize';
import { affineOf, codes, required, type Kernel } from '../kernel';
import { saturate } from '../profile';

const f32 = Math.fround;
const INT16 = { min: -32768, max: 32767 };
/** Gates stand for multiples of 2^-12 before their activation, for multiples of 2^-15 after it. */
const GATE_INTEGER_BITS = 3;
const GATE_SCALE = 2 ** -12;
const UNIT = 2 ** -15;

/** A product of a matrix with codes, whose zero point went into the offset of each row. */
interface Product {
  readonly weights: Int8Array;
  readonly offset: Int32Array;
  readonly factor: FixedPoint;
}

function productOf(
  weights: Tensor,
  bias: Int32Array | null,
  { scale, zeroPoint }: { scale: number; zeroPoint: number },
): Product {
  const [rows, columns] = weights.shape as [number, number];
  const values = weights.data as Int8Array;
  const offset = Int32Array.from({ length: rows }, (_, row) => {
    const sum = values.subarray(row * columns, (row + 1) * columns).reduce((total, w) => total + w, 0);
    return (bias?.[row] ?? 0) - zeroPoint * sum;
  });
  const real = f32(f32(f32(affineOf(weights).scale) * f32(scale)) / GATE_SCALE);
  return { weights: values, offset, factor: quantizeMultiplier(real) };
}

/** What a row of the product is worth as a gate's code. */
function rowOf(
  { weights, offset, factor }: Product,
  row: number,
  input: Int8Array,
  at: number,
  length: number,
): number {
  let sum = offset[row];
  for (let k = 0; k < length; k++) sum += weights[row * length + k] * input[at + k];
  return multiplyByQuantizedMultiplier(sum, factor);
}

const tables = new Map<string, Int16Array>();

/** All 65,536 values of a function of int16, from the smallest argument on; made once. */
function tableOf(name: string, f: (raw: number, integerBits: number) => number, integerBits: number): Int16Array {
  const key = `${name} ${integerBits}`;
  const known = tables.get(key) ?? Int16Array.from({ length: 65_536 }, (_, i) => f(i + INT16.min, integerBits));
  tables.set(key, known);
  return known;
}

export const lstm: Kernel<'lstm'> = (op, { inputs, outputs }) => {
  const [input, output] = [affineOf(required(inputs, 0)), affineOf(outputs[0])];
  const [units, width] = required(inputs, 1).shape as [number, number];
  const cellExponent = Math.round(Math.log2(outputs[1].quant!.scale[0]));
  const gates = [0, 1, 2, 3].map((gate) => ({
    input: productOf(required(inputs, 1 + gate), required(inputs, 9 + gate).data as Int32Array, input),
    recurrent: productOf(required(inputs, 5 + gate), null, output),
  }));
  const clip = Math.trunc(Math.min(INT16.max, Math.max(INT16.min, f32(op.attrs.cellClip / 2 ** cellExponent))));
  const hidden = quantizeMultiplier(f32(f32(UNIT / f32(output.scale)) * UNIT));
  const sigmoid = tableOf('logistic', logistic16, GATE_INTEGER_BITS);
  const tanh = tableOf('tanh', tanh16, GATE_INTEGER_BITS);
  const tanhOfCell = tableOf('tanh', tanh16, 15 + cellExponent);

  return (values, [sequence, cells]) => {
    const x = codes(values, 0);
    const [batch, steps] = sequence.shape as [number, number];
    const [h, c] = [sequence.data as Int8Array, cells.data as Int16Array];
    const start = new Int8Array(units).fill(output.zeroPoint);
    for (let step = 0; step < batch * steps; step++) {
      const isFirst = step % steps === 0;
      const [state, stateAt] = isFirst ? [start, 0] : [h, (step - 1) * units];
      for (let unit = 0; unit < units; unit++) {
        const [i, f, g, o] = gates.map((gate) => {
          const fromInput = saturate(rowOf(gate.input, unit, x, step * width, width), INT16);
          return saturate(fromInput + rowOf(gate.recurrent, unit, state, stateAt, units), INT16) - INT16.min;
        }) as [number, number, number, number];
        const kept = roundingDivideByPOT(sigmoid[f] * (isFirst ? 0 : c[(step - 1) * units + unit]), 15);
        const fresh = roundingDivideByPOT(sigmoid[i] * tanh[g], 30 + cellExponent);
        const sum = saturate(kept + fresh, INT16);
        const cell = clip > 0 ? saturate(sum, { min: -clip, max: clip }) : sum;
        c[step * units + unit] = cell;
        const product = sigmoid[o] * tanhOfCell[cell - INT16.min];
        h[step * units + unit] = saturate(multiplyByQuantizedMultiplier(product, hidden) + output.zeroPoint);
      }
    }
  };
};
