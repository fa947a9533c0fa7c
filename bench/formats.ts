/** Accuracy of ResNet8 in number formats, headless: what each loses against float on the same images. */
import { modelFiles, sourceFiles } from '../src/cli/files';
import type { TensorId } from '../src/core/graph/graph';
import { DEFAULT_SETTINGS, type AlgorithmChoice, type QuantSettings } from '../src/core/quantize/settings';
import { fixturePath } from '../src/testing/fixtures';
import { TestSession } from '../src/testing/session';
import type { Row } from './table';

const SPLIT = { seed: 42, calibrationSamples: 500, evaluationSamples: 2000 };

interface Case {
  readonly what: string;
  readonly weights: string;
  readonly activations: string;
  readonly estimator?: string;
  /** Of the image, where it is not that of the activations: pixels are bytes, which FP8 would round to 4 bits. */
  readonly input?: string;
  readonly algorithms?: readonly string[];
  /** Points it may lose. */
  readonly target?: number;
}

const CASES: readonly Case[] = [
  { what: 'INT8, min–max', weights: 'int8', activations: 'int8', target: 0.5 },
  { what: 'INT8, least squared error', weights: 'int8', activations: 'int8', estimator: 'mse' },
  { what: 'FP8 E4M3 throughout, min–max', weights: 'fp8-e4m3fn', activations: 'fp8-e4m3fn' },
  {
    what: 'FP8 E4M3, pixels in INT8, least squared error',
    weights: 'fp8-e4m3fn',
    activations: 'fp8-e4m3fn',
    input: 'int8',
    estimator: 'mse',
    target: 1.5,
  },
  { what: 'FP8 E5M2 throughout, min–max', weights: 'fp8-e5m2', activations: 'fp8-e5m2' },
  {
    what: 'FP8 E5M2, pixels in INT8, least squared error',
    weights: 'fp8-e5m2',
    activations: 'fp8-e5m2',
    input: 'int8',
    estimator: 'mse',
  },
  { what: 'FP8 E3M4', weights: 'fp8-e3m4', activations: 'fp8-e3m4' },
  { what: 'MXFP8 E4M3', weights: 'mxfp8-e4m3', activations: 'mxfp8-e4m3' },
  { what: 'MXFP4 weights, INT8 activations', weights: 'mxfp4', activations: 'int8' },
  { what: 'W4A8, min–max', weights: 'int4', activations: 'int8' },
  { what: 'W4A8, least squared error', weights: 'int4', activations: 'int8', estimator: 'mse' },
  {
    what: 'W4A8, least squared error, bias correction',
    weights: 'int4',
    activations: 'int8',
    estimator: 'mse',
    algorithms: ['bias-correction'],
  },
  {
    what: 'W4A8, least squared error, AdaRound',
    weights: 'int4',
    activations: 'int8',
    estimator: 'mse',
    algorithms: ['adaround'],
    target: 1.5,
  },
];

function settingsOf(
  { weights, activations, input, estimator = 'minmax', algorithms = [] }: Case,
  image: TensorId,
): QuantSettings {
  const choice = { id: estimator, params: {} };
  return {
    ...DEFAULT_SETTINGS,
    weights: { granularity: 'channel', estimator: choice, format: weights },
    activations: { estimator: choice, format: activations },
    tensors: input ? { [image]: { format: input } } : {},
    algorithms: algorithms.map((id): AlgorithmChoice => ({ id, params: {} })),
  };
}

export async function formats(): Promise<Row[]> {
  const studio = new TestSession();
  try {
    await studio.run('openModel', {
      files: modelFiles(fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite')),
    });
    await studio.run('openData', { files: sourceFiles(fixturePath('datasets/cifar10_jpg/test')), ...SPLIT });
    await studio.run('calibrate', {});
    const image = studio.session.model.graph.inputs[0]!;
    const rows: Row[] = [];
    for (const each of CASES) {
      const { result } = await studio.run('evaluate', { settings: settingsOf(each, image) });
      if (rows.length === 0) rows.push({ what: 'float', value: 100 * result.float.value, unit: '%' });
      const images = Math.round((result.float.value - result.quantized.value) * result.float.samples);
      const lost = (100 * images) / result.float.samples;
      rows.push({ what: `${each.what}: lost`, value: lost, unit: 'points', target: each.target });
    }
    return rows;
  } finally {
    studio.session.dispose();
  }
}
