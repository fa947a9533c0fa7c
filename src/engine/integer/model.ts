/**
 * Bit-exact reference of a quantized graph: computes every integer tensor as the profile's runtime does. Ops left in
 * float are not computed; their outputs are taken from whoever ran them, so that what follows can be checked too.
 */
import { RangefinderError } from '../../base/errors';
import {
  BATCH,
  elementCount,
  tensorOf,
  withBatch,
  type DType,
  type Graph,
  type Tensor,
  type TensorData,
  type TensorId,
} from '../../core/graph/graph';
import type { Op, OpKind } from '../../core/graph/ops/attrs';
import type { EngineTensor } from '../types';
import type { OpTensors, Run, Values } from './kernel';
import type { Profile } from './profile';
import { KERNELS } from './table';

interface Step {
  readonly op: Op;
  /** null: left in float, or computes indices; its outputs are given. */
  readonly run: Run | null;
}

type ArrayOf = new (length: number) => TensorData;

const ARRAYS: Readonly<Partial<Record<DType, ArrayOf>>> = {
  int8: Int8Array,
  uint8: Uint8Array,
  float32: Float32Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

export class IntegerModel {
  private constructor(
    private readonly graph: Graph,
    private readonly steps: readonly Step[],
    private readonly constants: ReadonlyMap<TensorId, Values>,
  ) {}

  /**
   * @param graph validated, quantized.
   * @throws RangefinderError 'unsupported-feature' for an integer op whose types it does not read.
   */
  static load(graph: Graph, profile: Profile): IntegerModel {
    const steps = graph.ops.map((op) => ({ op, run: prepare(graph, op, profile) }));
    const constants = new Map<TensorId, Values>();
    for (const [id, { data, shape }] of graph.tensors) if (data) constants.set(id, { data, shape });
    return new IntegerModel(graph, steps, constants);
  }

  /** Outputs of ops left in float: {@link run} has to be given them, besides the graph's inputs. */
  needs(): TensorId[] {
    return this.steps.flatMap(({ op, run }) => (run === null ? op.outputs : []));
  }

  /**
   * Runs one or several samples, as many as the first input holds.
   * @param given values of the graph's inputs and of {@link needs}, in their own types. A value given for any other
   * tensor is used by the ops behind it instead of the computed one.
   * @returns every tensor this engine computed, graph outputs among them.
   * @throws RangefinderError 'invalid-data' where a value is missing or of the wrong type or length.
   */
  run(given: ReadonlyMap<TensorId, TensorData>): Map<TensorId, EngineTensor> {
    const batch = this.batchOf(given);
    const values = new Map(this.constants);
    for (const id of [...this.graph.inputs, ...this.needs()]) this.take(id, given, batch, values);
    const computed = new Map<TensorId, EngineTensor>();
    for (const { op, run } of this.steps) {
      if (run === null) continue;
      const inputs = op.inputs.map((id) => (id === null ? null : (values.get(id) ?? null)));
      const outputs = op.outputs.map((id) => allocate(tensorOf(this.graph, id), batch));
      run(inputs, outputs);
      op.outputs.forEach((id, i) => {
        computed.set(id, outputs[i]);
        if (given.has(id)) this.take(id, given, batch, values);
        else values.set(id, outputs[i]);
      });
    }
    return computed;
  }

  private batchOf(given: ReadonlyMap<TensorId, TensorData>): number {
    const first = tensorOf(this.graph, this.graph.inputs[0]);
    const length = given.get(first.id)?.length ?? 0;
    return first.shape[0] === BATCH ? Math.max(1, Math.floor(length / elementCount(first.shape))) : 1;
  }

  private take(
    id: TensorId,
    given: ReadonlyMap<TensorId, TensorData>,
    batch: number,
    values: Map<TensorId, Values>,
  ): void {
    const tensor = tensorOf(this.graph, id);
    const shape = withBatch(tensor.shape, batch);
    const data = given.get(id);
    const array = ARRAYS[tensor.dtype];
    if (!data || !array || !(data instanceof array) || data.length !== elementCount(shape))
      throw new RangefinderError({
        code: 'invalid-data',
        message: `The integer engine needs ${tensor.dtype} values of shape [${shape}] for "${id}", not ${
          data ? `${data.length} of ${data.constructor.name}` : 'none'
        }.`,
        where: id,
      });
    values.set(id, { shape, data });
  }
}

const isCodes = ({ dtype }: Tensor): boolean =>
  dtype !== 'float32' && dtype !== 'int32' && dtype !== 'int64' && dtype !== 'bool';

/** What an LSTM keeps in 16 bits is read by nothing else. */
const isCell = (op: { readonly kind: OpKind }, output: number): boolean => op.kind === 'lstm' && output === 1;

/** Ops that have nothing to do with codes are left out: in float, or on indices and truth values. */
function prepare<K extends Op['kind']>(graph: Graph, op: Op<K>, profile: Profile): Run | null {
  const tensors: OpTensors = {
    inputs: op.inputs.map((id) => (id === null ? null : tensorOf(graph, id))),
    outputs: op.outputs.map((id) => tensorOf(graph, id)),
  };
  if (![...tensors.inputs, ...tensors.outputs].some((t) => t && isCodes(t))) return null;
  const kernel = KERNELS[op.kind];
  if (!kernel && !tensors.outputs.some(isCodes)) return null;
  if (!kernel || tensors.outputs.some((t, i) => !ARRAYS[t.dtype] || (t.dtype === 'int16' && !isCell(op, i))))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `The integer engine does not compute ${op.kind} of type ${tensors.outputs.map((t) => t.dtype).join(', ')}.`,
      where: op.id,
    });
  return kernel(op, tensors, profile);
}

function allocate({ shape, dtype }: Tensor, batch: number): Values {
  const concrete = withBatch(shape, batch);
  const array = ARRAYS[dtype];
  if (!array) throw new Error(`no array for ${dtype}`); // refused by prepare
  return { shape: concrete, data: new array(elementCount(concrete)) };
}
