/** A GraphModel in TensorFlow.js' own loader, as the pages that it is deployed in run it. */
import { isWorthARound } from '../latency-rounds';
import { tensor, version_core, type io, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { unzipSync } from 'fflate';
import { RangefinderError } from '../../base/errors';
import { elementCount, tensorOf, withBatch, type Graph } from '../../core/graph/graph';

/** Runs of a latency measurement. */
const ROUNDS = 9;

interface Described {
  readonly name: string;
}

interface Signature {
  readonly inputs: Readonly<Record<string, Described>>;
  readonly outputs: Readonly<Record<string, Described>>;
}

export class LoadedGraphModel {
  private constructor(
    private readonly model: GraphModel<io.IOHandlerSync>,
    private readonly graph: Graph,
    private readonly signature: Signature,
  ) {}

  /**
   * @param archive a zip of model.json and one shard of weights
   * @param graph says the inputs' and outputs' names and shapes
   * @throws RangefinderError 'runtime-failed' with TensorFlow.js' own words
   */
  static async load(archive: Uint8Array, graph: Graph): Promise<LoadedGraphModel> {
    const { loadGraphModelSync } = await import('@tensorflow/tfjs-converter');
    const files = new Map(Object.entries(unzipSync(archive)));
    const json = JSON.parse(new TextDecoder().decode(files.get('model.json'))) as io.ModelJSON & {
      signature: Signature;
    };
    const [[shard]] = json.weightsManifest.map(({ paths }) => paths) as [[string]];
    const weights = files.get(shard)!.slice().buffer;
    return new LoadedGraphModel(
      attempt('load the file', () => loadGraphModelSync([json, weights])),
      graph,
      json.signature,
    );
  }

  get name(): string {
    return `TensorFlow.js ${version_core}`;
  }

  /** The outputs at these positions one after another, for one sample. */
  async run(sample: Float32Array, outputs: readonly number[]): Promise<Float32Array> {
    const parts = await this.infer(
      sample,
      outputs.map((position) => this.graph.outputs[position]),
    );
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
      await this.infer(sample, this.graph.outputs);
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  }

  dispose(): void {
    this.model.dispose();
  }

  private async infer(sample: Float32Array, wanted: readonly string[]): Promise<ArrayLike<number>[]> {
    const inputs: NamedTensorMap = {};
    let at = 0;
    for (const id of this.graph.inputs) {
      const { shape, dtype } = tensorOf(this.graph, id);
      const values = sample.subarray(at, (at += elementCount(shape)));
      const whole = dtype === 'int32';
      inputs[this.signature.inputs[id].name] = tensor(
        whole ? Int32Array.from(values) : values,
        [...withBatch(shape, 1)],
        whole ? 'int32' : 'float32',
      );
    }
    const names = wanted.map((id) => this.signature.outputs[id].name);
    let results: Tensor[] = [];
    try {
      results = [attempt('run the file', () => this.model.execute(inputs, names))].flat();
      return await Promise.all(results.map((result) => result.data()));
    } finally {
      for (const value of [...Object.values(inputs), ...results]) value.dispose();
    }
  }
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new RangefinderError(
      {
        code: 'runtime-failed',
        message: `TensorFlow.js could not ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Export another form.',
      },
      { cause },
    );
  }
}
