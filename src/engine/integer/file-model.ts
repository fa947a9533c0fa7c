/**
 * Any file of ours in LiteRT.js. It loads no variables ("Variable tensors not yet supported"), which LSTM operators keep their
 * state in: a file with some is run in parts, what is between them in LiteRT.js and they themselves by the reference, which
 * goldens hold to native LiteRT bit for bit.
 */
import { writeTflite } from '../../core/model-formats/tflite/write';
import { BATCH, elementCount, tensorOf, type Graph, type TensorData, type TensorId } from '../../core/graph/graph';
import { remembers } from '../../core/graph/lstm';
import type { Op } from '../../core/graph/ops/attrs';
import type { LiteRt } from '../litert/runtime';
import type { Run, Values } from './kernel';
import { floatLstm } from './kernels/float-lstm';
import { lstm } from './kernels/lstm';
import { xnnpack } from './profiles/xnnpack';

/** What runs a file, one sample at a time. */
export interface FileModel {
  run(inputs: readonly TensorData[]): TensorData[];
  /** Each call measures the milliseconds of one inference. */
  stopwatch(inputs: readonly TensorData[]): () => number;
  /** Median milliseconds of one inference. */
  latency(inputs: readonly TensorData[]): number;
  dispose(): void;
}

/** What a file is run by, in words. */
export function runnerName(runtime: LiteRt, graph: Graph): string {
  return remembers(graph) ? `${runtime.name}, its LSTM operators by the reference of native LiteRT` : runtime.name;
}

/** @param bytes what the graph was read from, or what was written of it */
export function loadFile(runtime: LiteRt, graph: Graph, bytes?: Uint8Array): FileModel {
  return remembers(graph) ? new PartsModel(runtime, graph) : runtime.load(bytes ?? exposed(graph));
}

/** The graph as a file with outputs alone: signatures name what a part need not have. */
const exposed = (graph: Graph) => writeTflite(graph, { exposeTensors: graph.outputs });

/** Consecutive ops as a graph of their own, with what they read of others as its inputs. */
export function partOf(graph: Graph, ops: readonly Op[], outputs?: readonly TensorId[]): Graph {
  const written = new Set(ops.flatMap((op) => op.outputs));
  const read = new Set(ops.flatMap((op) => op.inputs));
  const inputs = [...read].filter((id) => id !== null && !written.has(id) && !tensorOf(graph, id).data) as TensorId[];
  const used = new Set<TensorId | null>([...read, ...written]);
  const tensors = new Map([...graph.tensors].filter(([id]) => used.has(id)));
  return { ...graph, ops, tensors, inputs, outputs: outputs ?? [...written] };
}

/** An op that reads what computed so far holds, and adds to it. */
interface Step {
  run(values: Map<TensorId, TensorData>): void;
  dispose(): void;
}

const ROUNDS = 25;

class PartsModel implements FileModel {
  private readonly steps: Step[] = [];

  constructor(
    runtime: LiteRt,
    private readonly graph: Graph,
  ) {
    let between: Op[] = [];
    const flush = () => {
      if (between.length > 0) this.steps.push(loadPart(runtime, partOf(graph, between)));
      between = [];
    };
    try {
      for (const op of graph.ops) {
        if (op.kind !== 'lstm') between.push(op);
        else {
          flush();
          this.steps.push(lstmStep(graph, op));
        }
      }
      flush();
    } catch (thrown) {
      this.dispose();
      throw thrown;
    }
  }

  run(inputs: readonly TensorData[]): TensorData[] {
    const values = new Map(this.graph.inputs.map((id, i) => [id, inputs[i]]));
    for (const step of this.steps) step.run(values);
    return this.graph.outputs.map((id) => values.get(id)!);
  }

  stopwatch(inputs: readonly TensorData[]): () => number {
    this.run(inputs);
    return () => {
      const start = performance.now();
      this.run(inputs);
      return performance.now() - start;
    };
  }

  latency(inputs: readonly TensorData[]): number {
    const round = this.stopwatch(inputs);
    return Float64Array.from({ length: ROUNDS }, round).sort()[ROUNDS >> 1];
  }

  dispose(): void {
    for (const step of this.steps.splice(0)) step.dispose();
  }
}

function loadPart(runtime: LiteRt, part: Graph): Step {
  const model = runtime.load(exposed(part));
  return {
    run: (values) => {
      const results = model.run(part.inputs.map((id) => values.get(id)!));
      part.outputs.forEach((id, i) => values.set(id, results[i]));
    },
    dispose: () => model.dispose(),
  };
}

function lstmStep(graph: Graph, op: Op<'lstm'>): Step {
  const tensors = op.inputs.map((id) => tensorOf(graph, id!));
  const outputs = op.outputs.map((id) => tensorOf(graph, id));
  const isInteger = outputs[0].dtype === 'int8';
  const run: Run = isInteger ? lstm(op, { inputs: tensors, outputs }, xnnpack) : floatLstm(op.attrs.cellClip);
  return {
    run: (values) => {
      const inputs = tensors.map(({ id, data, shape }): Values => ({
        shape: single(shape),
        data: data ?? values.get(id)!,
      }));
      const results = outputs.map(({ shape }, i): Values => {
        const array = isInteger ? (i === 0 ? Int8Array : Int16Array) : Float32Array;
        return { shape: single(shape), data: new array(elementCount(shape)) };
      });
      run(inputs, results);
      op.outputs.forEach((id, i) => values.set(id, results[i].data));
    },
    dispose: () => undefined,
  };
}

/** The shape with a batch of one. */
function single(shape: readonly number[]): number[] {
  return shape.map((d) => (d === BATCH ? 1 : d));
}
