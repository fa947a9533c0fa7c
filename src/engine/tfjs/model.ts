import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { RangefinderError } from '../../base/errors';
import { elementCount, producers, tensorOf, withBatch, type Graph, type TensorId } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import type { Batch, EngineTensor } from '../types';
import { Constants } from './constants';
import { fakeQuantize } from './fake-quant/activation';
import type { ActivationRounding } from './fake-quant/rounding';
import { onWasm, viewSync } from './heap';
import { runOp } from './run-op';
import { ownSimulation, roundedActivations, type Simulation } from './simulation';

/** Sees a tensor's values; they are gone when it returns, so what is to be kept must be copied. */
export type Visitor = (id: TensorId, values: Float32Array) => void;

/**
 * A Graph loaded into the running tfjs backend: in float, or with tensors rounded to integer grids as a {@link Simulation}
 * says. An activation lives until its last consumer ran.
 */
export class TfjsModel {
  private readonly constants: Constants;
  private rounded: ReadonlyMap<TensorId, ActivationRounding>;
  private readonly producerOf: ReadonlyMap<TensorId, Op>;

  private constructor(
    readonly graph: Graph,
    simulation: Simulation,
  ) {
    this.producerOf = producers(graph);
    this.constants = new Constants(graph, simulation);
    this.rounded = roundedActivations(graph, simulation);
  }

  /**
   * @param graph validated; a quantized one runs dequantized, each tensor rounded to its own grid
   * @throws RangefinderError 'runtime-failed' when the backend cannot hold the weights
   */
  static load(graph: Graph, { simulate = ownSimulation(graph) }: { simulate?: Simulation } = {}): TfjsModel {
    return attempt(graph.name, () => new TfjsModel(graph, simulate));
  }

  /** Changes which tensors are rounded. Only constants whose grid changes are uploaded again. */
  setSimulation(simulation: Simulation): void {
    attempt(this.graph.name, () => this.constants.apply(simulation));
    this.rounded = roundedActivations(this.graph, simulation);
  }

  /** Copies of the tensors wanted: graph inputs or outputs of ops, float32 whatever the Graph's dtype. */
  async run(batch: Batch, want: readonly TensorId[]): Promise<Map<TensorId, EngineTensor>> {
    const results = new Map<TensorId, EngineTensor>();
    await this.visit(batch, want, (id, values) => {
      const shape = withBatch(tensorOf(this.graph, id).shape, batch.size);
      results.set(id, { shape, data: values.slice() });
    });
    return results;
  }

  /**
   * Shows `visitor` each wanted tensor as soon as it is computed. On wasm it sees the tensor itself, without a copy.
   * Ops that lead to no wanted tensor are not run.
   * @throws RangefinderError 'invalid-data' for inputs missing or of the wrong size, 'runtime-failed' naming the op
   */
  async visit(batch: Batch, want: readonly TensorId[], visitor: Visitor): Promise<void> {
    const wanted = new Set(want);
    const { ops, inputs, uses } = this.schedule(wanted);
    const live = new Map<TensorId, Tensor>();
    const arrive = async (id: TensorId, value: Tensor): Promise<void> => {
      live.set(id, value);
      const grid = this.rounded.get(id);
      if (grid) live.set(id, (value = fakeQuantize(value, grid)));
      // No await between taking a view of the heap and looking at it: other work may grow the heap meanwhile.
      if (wanted.has(id)) visitor(id, onWasm() ? viewSync(value) : ((await value.data()) as Float32Array));
      if (!uses.has(id)) release(id);
    };
    const release = (id: TensorId): void => {
      live.get(id)?.dispose();
      live.delete(id);
    };
    try {
      for (const id of inputs) await arrive(id, this.inputTensor(batch, id));
      for (const op of ops) {
        const results = this.compute(op, live);
        // All are live before the first await, so that a visitor that throws leaks none.
        op.outputs.forEach((id, i) => live.set(id, results[i]));
        for (const [i, id] of op.outputs.entries()) await arrive(id, results[i]);
        for (const id of new Set(op.inputs)) {
          if (id === null || !uses.has(id)) continue;
          const left = uses.get(id)! - 1;
          uses.set(id, left);
          if (left === 0) release(id);
        }
      }
    } finally {
      for (const value of live.values()) value.dispose();
    }
  }

  dispose(): void {
    this.constants.dispose();
  }

  /**
   * For walks of the engine's own: one op of this graph with this model's constants. The results are the caller's.
   * @param rounded what the caller is going to round them to
   */
  compute(
    op: Op,
    live: Pick<ReadonlyMap<TensorId, Tensor>, 'get'>,
    rounded: ReadonlyMap<TensorId, ActivationRounding> = this.rounded,
  ): Tensor[] {
    const operands = op.inputs.map((id, index) => {
      if (id === null) return null;
      const constant = this.constants.get(op, index);
      return constant ? { value: constant, isArranged: true } : { value: live.get(id)!, isArranged: false };
    });
    return attempt(op.sourceName, () => runOp(this.graph, op, operands, rounded.get(op.outputs[0])));
  }

  /** Likewise: a graph input, as it comes. @throws RangefinderError 'invalid-data' */
  inputTensor(batch: Batch, id: TensorId): Tensor {
    const shape = withBatch(tensorOf(this.graph, id).shape, batch.size);
    const values = batch.inputs.get(id);
    if (values?.length === elementCount(shape)) return tensor(values, shape, 'float32');
    throw new RangefinderError({
      code: 'invalid-data',
      message: values
        ? `Input "${id}" takes ${shape.join('×')} values, ${values.length} were given.`
        : `Input "${id}" was given no values.`,
      where: id,
      hint: 'Check that the preprocessing ends in the shape the model takes.',
    });
  }

  /** The ops and inputs that lead to the tensors wanted, and how many of those ops read each tensor. */
  private schedule(wanted: ReadonlySet<TensorId>): { ops: Op[]; inputs: TensorId[]; uses: Map<TensorId, number> } {
    const needed = new Set<Op>();
    const uses = new Map<TensorId, number>();
    const pending = [...wanted];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const op = this.producerOf.get(id);
      if (!op || needed.has(op)) continue;
      needed.add(op);
      for (const input of new Set(op.inputs)) {
        if (input === null || tensorOf(this.graph, input).data) continue;
        uses.set(input, (uses.get(input) ?? 0) + 1);
        pending.push(input);
      }
    }
    return {
      ops: this.graph.ops.filter((op) => needed.has(op)),
      inputs: this.graph.inputs.filter((id) => uses.has(id) || wanted.has(id)),
      uses,
    };
  }
}

/** tfjs throws bare errors and, out of memory, aborts of the wasm module; either becomes one that says where. */
function attempt<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof RangefinderError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RangefinderError(
      {
        code: 'runtime-failed',
        message: `tfjs could not run "${where}": ${message}`,
        where,
        hint: 'If memory ran out, close other tabs or use smaller batches.',
      },
      { cause },
    );
  }
}
