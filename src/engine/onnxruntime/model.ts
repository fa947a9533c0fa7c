/** An ONNX model in onnxruntime's WebAssembly build, fed and read in the Graph's order of dimensions. */
import type { InferenceSession } from 'onnxruntime-web';
import { RangefinderError } from '../../base/errors';
import { elementCount, tensorOf, withBatch, type Graph, type Shape } from '../../core/graph/graph';
import { TO_NCHW, TO_NHWC } from '../../core/model-formats/onnx/layouts';
import { permutedData, permutedShape } from '../../core/graph/permute';
import { isWorthARound } from '../latency-rounds';
import type { OnnxRuntime } from './host';

/** Runs of a latency measurement. */
const ROUNDS = 9;

export class OnnxModel {
  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    private readonly graph: Graph,
  ) {}

  /**
   * @param graph says the inputs' and outputs' shapes; the file has images as [N,C,H,W]
   * @throws RangefinderError 'runtime-failed' where onnxruntime refuses the file, with its own words
   */
  static async load(runtime: OnnxRuntime, bytes: Uint8Array, graph: Graph): Promise<OnnxModel> {
    runtime.env.wasm.numThreads = 1;
    runtime.env.logLevel = 'error';
    try {
      const session = await runtime.InferenceSession.create(bytes, {
        executionProviders: ['wasm'],
        logSeverityLevel: 3, // errors, which are thrown besides
      });
      return new OnnxModel(runtime, session, graph);
    } catch (cause) {
      throw failure('load the file', cause);
    }
  }

  get name(): string {
    return `onnxruntime-web ${this.runtime.env.versions.web ?? ''}`.trim();
  }

  /** The outputs at these positions one after another, for one sample. */
  async run(sample: Float32Array, outputs: readonly number[]): Promise<Float32Array> {
    const results = await this.infer(sample);
    const parts = outputs.map((position) => {
      const id = this.graph.outputs[position];
      const { shape } = tensorOf(this.graph, id);
      const values = Float32Array.from(results[id].data as Float32Array);
      return shape.length === 4 ? permutedData(values, permutedShape(withBatch(shape, 1), TO_NCHW), TO_NHWC) : values;
    });
    const row = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      row.set(part, at);
      at += part.length;
    }
    return row;
  }

  /** Median milliseconds of one inference. */
  async latency(sample: Float32Array): Promise<number> {
    const times: number[] = [];
    const started = performance.now();
    while (times.length < ROUNDS && isWorthARound(times.length, performance.now() - started)) {
      const start = performance.now();
      await this.infer(sample);
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  private async infer(sample: Float32Array): Promise<InferenceSession.OnnxValueMapType> {
    let at = 0;
    const feeds = this.graph.inputs.map((id) => {
      const { shape, dtype } = tensorOf(this.graph, id);
      const values = sample.subarray(at, (at += elementCount(shape)));
      return [id, dtype === 'int32' ? this.integers(values, shape) : this.reals(values, shape)] as const;
    });
    try {
      return await this.session.run(Object.fromEntries(feeds));
    } catch (cause) {
      throw failure('run the file', cause);
    }
  }

  private reals(values: Float32Array, shape: Shape) {
    const concrete = withBatch(shape, 1);
    if (concrete.length !== 4) return new this.runtime.Tensor('float32', values, concrete);
    return new this.runtime.Tensor(
      'float32',
      permutedData(values, concrete, TO_NCHW),
      permutedShape(concrete, TO_NCHW),
    );
  }

  private integers(values: Float32Array, shape: Shape) {
    return new this.runtime.Tensor('int32', Int32Array.from(values), withBatch(shape, 1));
  }
}

function failure(what: string, cause: unknown): RangefinderError {
  return new RangefinderError({
    code: 'runtime-failed',
    message: `onnxruntime could not ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'Export another form.',
  });
}
