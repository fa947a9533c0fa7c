/** Files of all forms behind one interface: real values of one sample in, those of its outputs back. */
import type { FormRuntime } from '../../core/exports/form';
import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { runnerName } from '../../engine/integer/file-model';
import { OnnxModel } from '../../engine/onnxruntime/model';
import { LoadedGraphModel } from '../../engine/tfjs/graph-model';
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
  dispose(): Promise<void> | void;
}

export async function loadForm(session: Session, runtime: FormRuntime, bytes: Uint8Array): Promise<LoadedForm> {
  switch (runtime) {
    case 'litert':
      return loadTflite(session, bytes);
    case 'onnxruntime':
      return OnnxModel.load(await session.host.onnxruntime(), bytes, session.quantizableModel.graph);
    case 'tfjs':
      await session.tfjs();
      return LoadedGraphModel.load(bytes, session.quantizableModel.graph);
    case 'none':
      throw new Error(`nothing here runs files of ${runtime}`); // rows of these are not measured
  }
}

async function loadTflite(session: Session, bytes: Uint8Array): Promise<LoadedForm> {
  const whole = readTflite(bytes, 'exported.tflite');
  const graph = partOfFile(whole, session.quantizableModel.graph);
  const runner = await FileRunner.load(session, graph === whole ? bytes : writeTflite(graph), graph);
  return {
    name: runnerName(await session.runtime(), graph),
    run: (sample, outputs) => Promise.resolve(runner.run(sample, outputs)),
    latency: (sample) => Promise.resolve(runner.latency(sample)),
    dispose: () => runner.dispose(),
  };
}
