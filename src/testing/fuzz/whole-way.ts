/** What a person does with a model after it was opened, on a few samples of noise: that is where crashes were. */
import { memory } from '@tensorflow/tfjs-core';
import { nodeHost } from '../../cli/node-host';
import { RangefinderError } from '../../base/errors';
import type { SourceFile } from '../../core/data/types';
import { elementCount, tensorOf, type Shape } from '../../core/graph/graph';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { hasBytes } from '../../core/model-formats/signatures';
import { IDENTIFIER } from '../../core/model-formats/tflite/schema/enums';
import { readTflite } from '../../core/model-formats/tflite/read';
import { jobOf } from '../../jobs/host/table';
import type { JobName, Result, Spec } from '../../jobs/contract/jobs';
import { FileRunner } from '../../jobs/session/file-runner';
import { readBatch } from '../../jobs/session/samples';
import { StudioSession } from '../../jobs/session/studio-session';

const SAMPLES = 4;
const COMPARED = 2;
/** Multiply-accumulates and values of a model that is run; a larger one costs what it may, and that is no finding. */
const MOST_WORK = 5e7;
const MOST_VALUES = 4e6;

export interface NamedValues {
  readonly name: string;
  readonly shape: Shape;
  readonly values: readonly number[];
}

/** One sample through the float model as it is computed here, and through the file made of it. */
export interface Ran {
  readonly files: readonly SourceFile[];
  readonly inputs: readonly NamedValues[];
  readonly float: readonly NamedValues[];
  readonly exported: Uint8Array;
  /** Of the exported file, outputs after one another. */
  readonly quantized: readonly number[];
}

/** How far it went: 'verified', or why it was not run to the end. */
export type WentAs = 'verified' | 'viewed only' | 'left as too large' | 'refused by LiteRT as it came';

export class WholeWay {
  private readonly session = new StudioSession(nodeHost());
  private tensors: number | undefined;

  /** Reads the model as the page does. @throws RangefinderError as the job does */
  async open(files: readonly SourceFile[]): Promise<void> {
    await this.run('openModel', { files });
  }

  /**
   * Random data → calibrate → quantize → export → verify.
   * @param keep what was computed, for others to compute it again; asks for one more run
   * @throws RangefinderError as the jobs do, Error where tensors are left behind
   */
  async goOn(files: readonly SourceFile[], keep?: (ran: Ran) => void): Promise<WentAs> {
    const { session } = this;
    const { view } = session.model;
    if (!view.computable || view.alreadyQuantized) return 'viewed only';
    const { graph } = session.quantizableModel;
    const values = [...graph.tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
    if (view.macs > MOST_WORK || values > MOST_VALUES) return 'left as too large';
    await session.tfjs();
    this.tensors ??= memory().numTensors;
    const settings = DEFAULT_SETTINGS;
    try {
      await this.run('randomData', { seed: 1, calibrationSamples: SAMPLES, evaluationSamples: SAMPLES });
      await this.run('calibrate', {});
      const { bytes } = await this.run('exportFile', { settings });
      await this.run('evaluate', { settings });
      await this.run('verify', { file: bytes, compareSamples: COMPARED });
      if (keep) keep(await this.ran(files, bytes));
    } catch (thrown) {
      const isRefusal = thrown instanceof RangefinderError && thrown.code === 'runtime-failed';
      if (isRefusal && (await this.isRefused(files))) return 'refused by LiteRT as it came';
      throw thrown;
    } finally {
      session.dispose();
    }
    const left = memory().numTensors - this.tensors;
    if (left !== 0) throw new Error(`${left} tensors are left behind`);
    return 'verified';
  }

  private async run<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    return jobOf(name)(this.session, spec, { signal: new AbortController().signal, onProgress: () => undefined });
  }

  /** Whether LiteRT cannot run the very file that was opened: what is written of it is then no better. */
  private async isRefused([{ bytes }]: readonly SourceFile[]): Promise<boolean> {
    if (!hasBytes(bytes, IDENTIFIER, 4)) return false;
    try {
      const source = readTflite(bytes, 'source.tflite');
      const runner = await FileRunner.load(this.session, bytes, source);
      const zeros = new Float32Array(
        source.inputs.reduce((sum, id) => sum + elementCount(tensorOf(source, id).shape), 0),
      );
      runner.run(
        zeros,
        source.outputs.map((_, i) => i),
      );
      runner.dispose();
      return false;
    } catch {
      return true;
    }
  }

  private async ran(files: readonly SourceFile[], exported: Uint8Array): Promise<Ran> {
    const { session } = this;
    const { reader, split } = session.data;
    const { graph } = session.quantizableModel;
    const index = split.evaluation[0];
    const sample = await reader.read(index);
    const named = (ids: readonly string[], of: (id: string) => ArrayLike<number>): NamedValues[] =>
      ids.map((id) => ({ name: id, shape: tensorOf(graph, id).shape, values: Array.from(of(id)) }));
    let at = 0;
    const inputs = named(graph.inputs, (id) => {
      const size = elementCount(tensorOf(graph, id).shape);
      return sample.subarray(at, (at += size));
    });
    const engine = await session.float();
    const outputs = await engine.run(await readBatch(reader, graph, Uint32Array.of(index)), graph.outputs);
    const runner = await FileRunner.load(session, exported, readTflite(exported, 'exported.tflite'));
    try {
      return {
        files,
        inputs,
        float: named(graph.outputs, (id) => outputs.get(id)!.data as Float32Array),
        exported,
        quantized: Array.from(
          runner.run(
            sample,
            graph.outputs.map((_, i) => i),
          ),
        ),
      };
    } finally {
      runner.dispose();
    }
  }
}
