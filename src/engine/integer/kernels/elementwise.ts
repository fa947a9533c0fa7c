/** Ops on codes one by one: 256 or 65,536 possible cases, so each is worked out once and looked up from then on. */
import { broadcastStrides } from '../../../core/graph/broadcast';
import type { Op } from '../../../core/graph/ops/attrs';
import { affineOf, codes, required, type OpTensors, type Run } from '../kernel';
import type { BinaryKind, Profile, UnaryKind, UnaryRule } from '../profile';

/** Table over all codes of an int8 or uint8 input, indexed by the code's bits. */
function tableOf(rule: UnaryRule, dtype: string): Int8Array {
  return Int8Array.from({ length: 256 }, (_, bits) => rule(dtype === 'uint8' ? bits : (bits << 24) >> 24));
}

function lookUp(table: Int8Array): Run {
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    const target = out.data as Int8Array;
    for (let i = 0; i < source.length; i++) target[i] = table[source[i] & 255];
  };
}

export function unary<K extends UnaryKind>(kind: K) {
  return (op: Op<K>, tensors: OpTensors, profile: Profile): Run => {
    const input = required(tensors.inputs, 0);
    const rule = profile.unary[kind](affineOf(input), affineOf(tensors.outputs[0]), op.attrs);
    return lookUp(tableOf(rule, input.dtype));
  };
}

/** Broadcasts as NumPy does. */
export function binary<K extends BinaryKind>(kind: K) {
  return (op: Op<K>, tensors: OpTensors, profile: Profile): Run => {
    const output = affineOf(tensors.outputs[0]);
    const rule = profile.binary[kind](
      affineOf(required(tensors.inputs, 0)),
      affineOf(required(tensors.inputs, 1)),
      output,
      profile.activationRange(op as Op, output),
    );
    const table = new Int8Array(65536);
    for (let a = -128; a < 128; a++) for (let b = -128; b < 128; b++) table[((a & 255) << 8) | (b & 255)] = rule(a, b);
    return (inputs, [out]) => {
      const a = codes(inputs, 0);
      const b = codes(inputs, 1);
      const target = out.data as Int8Array;
      if (a.length === target.length && b.length === target.length) {
        for (let i = 0; i < target.length; i++) target[i] = table[((a[i] & 255) << 8) | (b[i] & 255)];
        return;
      }
      const stepsA = broadcastStrides(required(inputs, 0).shape, out.shape);
      const stepsB = broadcastStrides(required(inputs, 1).shape, out.shape);
      const last = out.shape.length - 1;
      const width = last < 0 ? 1 : out.shape[last];
      const index = new Int32Array(Math.max(last, 0));
      for (let row = 0; row < target.length; row += width) {
        let atA = 0;
        let atB = 0;
        for (let d = 0; d < last; d++) {
          atA += index[d] * stepsA[d];
          atB += index[d] * stepsB[d];
        }
        for (let i = 0; i < width; i++) {
          target[row + i] = table[((a[atA] & 255) << 8) | (b[atB] & 255)];
          atA += stepsA[last] ?? 0;
          atB += stepsB[last] ?? 0;
        }
        for (let d = last - 1; d >= 0 && ++index[d] === out.shape[d]; d--) index[d] = 0;
      }
    };
  };
}
