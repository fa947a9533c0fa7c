import { elementCount, type Graph, type TensorId } from '../graph';
import type { Op } from '../ops/attrs';
import { Rewrite } from './rewrite';

/** Exporters write 1/6 in float32, some with fewer digits. */
const isNear = (value: number, wanted: number) => Math.abs(value - wanted) < 1e-4 * wanted;

/** The pass at work: reads an op's operands as a variable and one constant number. */
class Matcher {
  constructor(private readonly rewrite: Rewrite) {}

  /** What is scaled by `factor`, by a multiplication or a division; null where the op does something else. */
  scaledBy(op: Op | undefined, factor: number): TensorId | null {
    if (op?.activation !== 'none') return null;
    if (op.kind === 'mul') return this.besides(op, factor);
    const isDivided = op.kind === 'div' && this.number(op.inputs[1]) !== null;
    return isDivided && isNear(1 / this.number(op.inputs[1])!, factor) ? op.inputs[0]! : null;
  }

  /** The operand beside one constant of this value. */
  besides(op: Op, wanted: number): TensorId | null {
    const [a, b] = op.inputs;
    for (const [x, constant] of [
      [a, b],
      [b, a],
    ] as const) {
      const value = this.number(constant);
      if (x && value !== null && isNear(value, wanted)) return x;
    }
    return null;
  }

  /** Of a tensor that this op alone reads, the op that writes it. */
  writerFor(id: TensorId | null | undefined, reader: Op): Op | undefined {
    return id && this.rewrite.onlyReader(id) === reader ? this.rewrite.writer(id) : undefined;
  }

  /** x of relu6(x + 3), the ReLU fused or an op of its own, and the ops that compute it. */
  shiftedRelu6(op: Op | undefined): { readonly x: TensorId; readonly ops: readonly Op[] } | null {
    if (op?.kind === 'relu6' && op.activation === 'none') {
      const add = this.writerFor(op.inputs[0], op);
      const x = add?.kind === 'add' && add.activation === 'none' ? this.besides(add, 3) : null;
      return x ? { x, ops: [op, add!] } : null;
    }
    const x = op?.kind === 'add' && op.activation === 'relu6' ? this.besides(op, 3) : null;
    return x ? { x, ops: [op!] } : null;
  }

  private number(id: TensorId | null | undefined): number | null {
    const tensor = id ? this.rewrite.tensor(id) : undefined;
    const isOne = tensor?.data instanceof Float32Array && elementCount(tensor.shape) === 1 && !tensor.quant;
    return isOne ? tensor.data[0] : null;
  }
}

/**
 * x · relu6(x + 3) / 6, spelled out, becomes HARD_SWISH, which is one int8 kernel with one rounding instead of three ops: the
 * sixth may be taken of the ReLU or of the product.
 *
 * @param graph validated
 */
export function fuseHardSwish(graph: Graph): Graph {
  if (!graph.ops.some(({ kind, activation }) => kind === 'relu6' || activation === 'relu6')) return graph;
  const rewrite = new Rewrite(graph);
  const match = new Matcher(rewrite);
  const replace = (last: Op, x: TensorId, inner: readonly Op[]) => {
    for (const op of inner) rewrite.replace(op);
    rewrite.replace(last, { ...last, kind: 'hardSwish', attrs: {}, inputs: [x], activation: 'none' });
  };
  for (const last of graph.ops) {
    if (rewrite.writer(last.outputs[0]) !== last || last.activation !== 'none') continue;
    // (x · relu6(x + 3)) / 6
    const product = match.writerFor(match.scaledBy(last, 1 / 6), last);
    if (product?.kind === 'mul' && product.activation === 'none') {
      const [a, b] = product.inputs as readonly [TensorId, TensorId];
      for (const [x, gate] of [
        [a, b],
        [b, a],
      ] as const) {
        const found = match.shiftedRelu6(match.writerFor(gate, product));
        if (found?.x !== x) continue;
        replace(last, x, [product, ...found.ops]);
        break;
      }
      continue;
    }
    if (last.kind !== 'mul') continue;
    // x · (relu6(x + 3) / 6)
    const [a, b] = last.inputs as readonly [TensorId, TensorId];
    for (const [x, gate] of [
      [a, b],
      [b, a],
    ] as const) {
      const sixth = match.writerFor(gate, last);
      const found = sixth && match.shiftedRelu6(match.writerFor(match.scaledBy(sixth, 1 / 6), sixth));
      if (found?.x !== x) continue;
      replace(last, x, [sixth!, ...found.ops]);
      break;
    }
  }
  return rewrite.done();
}
