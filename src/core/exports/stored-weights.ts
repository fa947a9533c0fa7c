/** Float graphs whose constants are stored in fewer bits: what a file of them computes is float, or rounded as it runs. */
import { lookup } from '../../base/lookup';
import type { Graph, Tensor, TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { UniqueNames } from '../graph/names';
import { floatToHalf } from '../numerics/half';
import type { QuantPlan } from '../quantize/plan';
import { quantizeConstant } from '../quantize/quantize-constants';
import { storedWeightFormat } from '../quantize/format-choice';

/** Weights as the plan has them in place of float constants. */
export interface StoredWeights {
  /** Whether a kernel takes the codes of this op's weights as they are; elsewhere a DEQUANTIZE stands between. */
  readonly direct: (op: Op) => boolean;
  readonly dtype: 'int8' | 'int4';
}

/** Ops with kernels for float activations beside int8 weights, which round activations as they run. */
export function hasHybridKernel(op: Op): boolean {
  if (op.kind === 'conv2d') return op.attrs.groups === 1;
  return op.kind === 'depthwiseConv2d' || op.kind === 'fullyConnected' || op.kind === 'lstm';
}

/**
 * The graph with the weights of all ops that the plan covers stored as integers. Ops that stay in float by choice keep
 * theirs, as do those whose format no file holds.
 */
export function withIntegerWeights(graph: Graph, plan: QuantPlan, { direct, dtype }: StoredWeights): Graph {
  const edit = new Edit(graph);
  const inFloat = new Set(plan.keptFloat.map(({ op }) => op));
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    const inputs = rule.kind === 'weighted' ? [rule.weightInput] : rule.kind === 'recurrent' ? rule.weightInputs : [];
    let changed = op;
    for (const input of inFloat.has(op.id) ? [] : inputs) {
      const id = op.inputs[input];
      const weights = id && lookup(plan.weights, id);
      const format = weights && storedWeightFormat(weights);
      if (!id || !format) continue;
      // The sequence kernel has no weights of four bits.
      const stored = rule.kind === 'recurrent' ? 'int8' : dtype;
      const codes = () => quantizeConstant(graph.tensors.get(id)!, weights.params, format, { dtype: stored });
      changed = edit.renamed(changed, id, direct(op) ? edit.stored(id, codes) : edit.dequantized(id, codes));
    }
    edit.keep(changed);
  }
  return edit.done();
}

/** The graph with every float constant stored as float16. */
export function withHalfConstants(graph: Graph): Graph {
  const edit = new Edit(graph);
  for (const op of graph.ops) {
    let changed = op;
    for (const id of new Set(op.inputs)) {
      const tensor = id === null ? undefined : graph.tensors.get(id);
      if (!id || !(tensor?.data instanceof Float32Array)) continue;
      const values = tensor.data;
      const halves = (): Tensor => ({
        id,
        dtype: 'float16',
        shape: tensor.shape,
        data: Int16Array.from(values, floatToHalf),
      });
      changed = edit.renamed(changed, id, edit.dequantized(id, halves));
    }
    edit.keep(changed);
  }
  return edit.done();
}

/** Ops put together anew, with constants beside those they had. */
class Edit {
  private readonly ops: Op[] = [];
  private readonly tensors: Map<TensorId, Tensor>;
  private readonly names: UniqueNames;
  private readonly opNames: UniqueNames;
  private readonly made = new Map<string, TensorId>();

  constructor(private readonly graph: Graph) {
    this.tensors = new Map(graph.tensors);
    this.names = new UniqueNames(graph.tensors.keys());
    this.opNames = new UniqueNames(graph.ops.map(({ id }) => id));
  }

  keep(op: Op): void {
    this.ops.push(op);
  }

  renamed(op: Op, from: TensorId, to: TensorId): Op {
    return { ...op, inputs: op.inputs.map((id) => (id === from ? to : id)) };
  }

  /** A constant stored otherwise, once for all who read it so. */
  stored(id: TensorId, make: () => Tensor): TensorId {
    return this.once(`stored ${id}`, () => {
      const name = this.names.take(`${id}_stored`);
      this.tensors.set(name, { ...make(), id: name });
      return name;
    });
  }

  /** The real values of such a constant. */
  dequantized(id: TensorId, make: () => Tensor): TensorId {
    return this.once(`real ${id}`, () => {
      const from = this.stored(id, make);
      const name = this.names.take(`${id}_dequantized`);
      this.tensors.set(name, { id: name, dtype: 'float32', shape: this.graph.tensors.get(id)!.shape });
      const op = this.opNames.take(`${id}/dequantize`);
      this.ops.push({
        id: op,
        kind: 'dequantize',
        attrs: {},
        inputs: [from],
        outputs: [name],
        activation: 'none',
        sourceName: op,
      });
      return name;
    });
  }

  done(): Graph {
    const used = new Set([...this.graph.inputs, ...this.graph.outputs]);
    for (const { inputs, outputs } of this.ops) for (const id of [...inputs, ...outputs]) if (id !== null) used.add(id);
    const tensors = new Map([...this.tensors].filter(([id]) => used.has(id)));
    return { ...this.graph, ops: this.ops, tensors };
  }

  private once(key: string, make: () => TensorId): TensorId {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const id = make();
    this.made.set(key, id);
    return id;
  }
}
