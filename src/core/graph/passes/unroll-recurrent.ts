import type { Graph, Shape, Tensor, TensorId } from '../graph';
import { tensorOf } from '../graph';
import { UniqueNames } from '../names';
import type { Op, OpAttrs, OpKind } from '../ops/attrs';
import { inferOp } from '../ops/infer';
import { prune } from './prune';
import { unrollLstm, type LstmWeights, type OpSink } from '../unroll';

/** For runtimes without an operator for it: every LSTM as the ops of its steps. Ids of what others read stay. */
export function unrollRecurrent(graph: Graph): Graph {
  if (!graph.ops.some(({ kind }) => kind === 'lstm')) return graph;
  const unrolling = new Unrolling(graph);
  for (const op of graph.ops) unrolling.add(op);
  return prune({ ...graph, ops: unrolling.ops, tensors: unrolling.tensors });
}

class Unrolling {
  readonly ops: Op[] = [];
  readonly tensors: Map<TensorId, Tensor>;
  private readonly tensorNames: UniqueNames;
  private readonly opNames: UniqueNames;

  constructor(private readonly graph: Graph) {
    this.tensors = new Map(graph.tensors);
    this.tensorNames = new UniqueNames(graph.tensors.keys());
    this.opNames = new UniqueNames(graph.ops.map(({ id }) => id));
  }

  add(op: Op): void {
    if (op.kind === 'lstm') this.unroll(op);
    else this.ops.push(op);
  }

  private unroll(op: Op<'lstm'>): void {
    const joined = (from: number) => {
      const parts = op.inputs.slice(from, from + 4).map((id) => tensorOf(this.graph, id!).data as Float32Array);
      return Float32Array.from(parts.flatMap((part) => Array.from(part)));
    };
    const units = tensorOf(this.graph, op.inputs[1]!).shape[0];
    const weights: LstmWeights = { kernel: joined(1), recurrent: joined(5), bias: joined(9), units };
    const tanh = (sink: OpSink, x: TensorId) => sink.op('tanh', [x], {});
    const cell = { gate: (sink: OpSink, x: TensorId) => sink.op('sigmoid', [x], {}), candidate: tanh, output: tanh };
    const { sequence } = unrollLstm(this.sinkOf(op), op.inputs[0]!, weights, { ...cell, cellClip: op.attrs.cellClip });
    sequence('time');
    const pack = this.ops.pop()!;
    this.ops.push({ ...pack, outputs: [op.outputs[0]] });
  }

  /** Ops and constants are named after the layer that they come from. */
  private sinkOf({ id, sourceName }: Op): OpSink {
    const constants = new Map<string, TensorId>();
    const many = <K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]) => {
      const { sizes, axis } = attrs as { sizes?: readonly number[]; axis?: number };
      const count = kind === 'unpack' ? this.shape(inputs[0]!)[axis!] : (sizes?.length ?? 1);
      const outputs = Array.from({ length: count }, () => this.tensorNames.take(`${id}/${kind}`));
      const draft = {
        id: this.opNames.take(`${id}/${kind}`),
        kind,
        attrs,
        inputs,
        outputs,
        activation: 'none',
        sourceName,
      };
      const { op, shapes } = inferOp(draft as unknown as Op, (tensor) => this.tensors.get(tensor)!);
      shapes.forEach((shape, i) => this.tensors.set(outputs[i], { id: outputs[i], dtype: 'float32', shape }));
      this.ops.push(op);
      return outputs;
    };
    return {
      ops: many,
      op: (kind, inputs, attrs) => many(kind, inputs, attrs)[0],
      shape: (tensor) => this.shape(tensor),
      constant: (name, data, shape) => {
        const known = constants.get(name) ?? this.tensorNames.take(`${id}/${name}`);
        constants.set(name, known);
        this.tensors.set(known, { id: known, dtype: 'float32', shape, data });
        return known;
      },
    };
  }

  private shape(id: TensorId): Shape {
    return this.tensors.get(id)!.shape;
  }
}
