/** Runs a .tflite in LiteRT.js sample by sample, float values in and out whatever the file's types are. */
import { INT8_ACTIVATION, codeRange } from '../../core/number-formats/format';
import { dequantizeArray, quantize, quantizeArray } from '../../core/numerics/affine';
import {
  elementCount,
  tensorOf,
  type DType,
  type Graph,
  type QuantParams,
  type Tensor,
  type TensorData,
} from '../../core/graph/graph';
import { joinRows } from '../../core/metrics/output-parts';
import { loadFile, type FileModel } from '../../engine/integer/file-model';
import type { Session } from './session';

/** The values a file's inputs take for one float sample, quantized where the input is. */
export function fileInputs(graph: Graph, sample: Float32Array): TensorData[] {
  let at = 0;
  return graph.inputs.map((id) => {
    const { shape, quant, dtype } = tensorOf(graph, id);
    const values = sample.subarray(at, (at += elementCount(shape)));
    if (dtype === 'int32') return Int32Array.from(values);
    if (dtype === 'float32' || !quant) return values;
    return codesOf(values, dtype, quant);
  });
}

/** The codes of real values; of a type that inputs of files have. */
function codesOf(values: Float32Array, dtype: DType, { scale, zeroPoint }: QuantParams): TensorData {
  const params = { scale: scale[0], zeroPoint: zeroPoint[0] };
  if (dtype === 'uint8') return Uint8Array.from(values, (value) => quantize(value, params, 0, 255));
  if (dtype === 'int16') return Int16Array.from(values, (value) => quantize(value, params, -32768, 32767));
  const { qmin, qmax } = codeRange(INT8_ACTIVATION);
  return quantizeArray(values, params.scale, params.zeroPoint, qmin, qmax);
}

/** What an output's codes stand for. */
export function realValues({ quant, dtype }: Tensor, values: TensorData): Float32Array {
  // Positions, which tensors of TensorFlow Lite count in 64 bits where asked.
  if (values instanceof BigInt64Array) return Float32Array.from(values, Number);
  if (dtype === 'float32' || !quant) return values as Float32Array;
  return dequantizeArray(values, quant.scale[0], quant.zeroPoint[0]);
}

/** A loaded file; `graph` says its types and parameters. */
export class FileRunner {
  private constructor(
    private readonly model: FileModel,
    private readonly graph: Graph,
  ) {}

  static async load(session: Session, bytes: Uint8Array, graph: Graph): Promise<FileRunner> {
    return new FileRunner(loadFile(await session.runtime(), graph, bytes), graph);
  }

  /** The row of outputs at these positions for one sample, in real units. */
  run(sample: Float32Array, outputs: readonly number[]): Float32Array {
    const values = this.model.run(fileInputs(this.graph, sample));
    const row = outputs.map((output) => realValues(tensorOf(this.graph, this.graph.outputs[output]), values[output]));
    return joinRows(row, 1);
  }

  /** Each call measures the milliseconds of one inference, batch 1. */
  stopwatch(sample: Float32Array): () => number {
    return this.model.stopwatch(fileInputs(this.graph, sample));
  }

  /** Median milliseconds of one inference, batch 1. */
  latency(sample: Float32Array): number {
    return this.model.latency(fileInputs(this.graph, sample));
  }

  dispose(): void {
    this.model.dispose();
  }
}
