/** Files of all forms behind one interface: real values of one sample in, those of its outputs back. */
import type { FormRuntime } from '../../core/exports/form';
import { elementCount, tensorOf, type TensorId } from '../../core/graph/graph';
import { normalize } from '../../core/graph/passes/normalize';
import { joinRows } from '../../core/metrics/output-parts';
import { readModel } from '../../core/model-formats/read-model';
import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { runnerName } from '../../engine/integer/file-model';
import { OnnxModel } from '../../engine/onnxruntime/model';
import { TfjsModel } from '../../engine/tfjs/model';
import { FileRunner } from '../session/file-runner';
import type { Session } from '../session/session';
import { partOfFile } from './whole-file';

export interface LoadedForm {
  /** Its name and release. */
  readonly name: string;
  /** The outputs at these positions one after another, for one sample; images are laid out as the Graph has them. */
  run(sample: Float32Array, outputs: readonly number[]): Promise<Float32Array>;
  /** Median milliseconds of one inference, batch 1. */
  latency(sample: Float32Array): Promise<number>;
  dispose(): Promise<void>;
}

export async function loadForm(session: Session, runtime: FormRuntime, bytes: Uint8Array): Promise<LoadedForm> {
  switch (runtime) {
    case 'litert':
      return loadTflite(session, bytes);
    case 'onnxruntime':
      return OnnxModel.load(await session.host.onnxruntime(), bytes, session.quantizableModel.graph);
    case 'tfjs':
      return loadGraphModel(session, bytes);
    case 'none':
      throw new Error(`nothing here runs files of ${runtime}`); // rows of these are not measured
  }
}

/** Runs of a latency measurement. */
const ROUNDS = 9;

/** What the written model computes on TensorFlow.js' kernels, once it is read back. */
async function loadGraphModel(session: Session, bytes: Uint8Array): Promise<LoadedForm> {
  const graph = normalize(await readModel([{ path: 'exported.zip', bytes }]));
  const backend = await session.tfjs();
  const model = TfjsModel.load(graph);
  const infer = async (sample: Float32Array, wanted: readonly TensorId[]) => {
    let at = 0;
    const inputs = new Map(
      graph.inputs.map((id) => [id, sample.subarray(at, (at += elementCount(tensorOf(graph, id).shape)))] as const),
    );
    return model.run({ size: 1, inputs }, wanted);
  };
  return {
    name: `TensorFlow.js (${backend}), read back`,
    run: async (sample, outputs) => {
      const wanted = outputs.map((position) => graph.outputs[position]!);
      const results = await infer(sample, wanted);
      return joinRows(
        wanted.map((id) => results.get(id)!.data as Float32Array),
        1,
      );
    },
    latency: async (sample) => {
      const times: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        const start = performance.now();
        await infer(sample, graph.outputs);
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
    },
    dispose: () => Promise.resolve(model.dispose()),
  };
}

async function loadTflite(session: Session, bytes: Uint8Array): Promise<LoadedForm> {
  const whole = readTflite(bytes, 'exported.tflite');
  const graph = partOfFile(whole, session.quantizableModel.graph);
  const runner = await FileRunner.load(session, graph === whole ? bytes : writeTflite(graph), graph);
  return {
    name: runnerName(await session.runtime(), graph),
    run: (sample, outputs) => Promise.resolve(runner.run(sample, outputs)),
    latency: (sample) => Promise.resolve(runner.latency(sample)),
    dispose: () => Promise.resolve(runner.dispose()),
  };
}
