/** Accuracy of ResNet8 in number formats, headless: what each loses against float on the same images. */
import { modelFiles, sourceFiles } from '../src/cli/files';
import type { TensorId } from '../src/core/graph/graph';
import { DEFAULT_SETTINGS, type QuantSettings } from '../src/core/quantize/settings';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import { TestSession } from '../src/testing/builders/session';
import type { Row } from './table';

/** One image more or less is 0.03 points; the model has seen these images without JPEG's losses, so only differences count. */
const SPLIT = { seed: 42, calibrationSamples: 500, evaluationSamples: 3000 };
const IMAGES = 'datasets/cifar10_jpg/train';

interface Format {
  readonly what: string;
  readonly weights: string;
  readonly activations: string;
  /** Of the image, where planning is not to choose: it keeps pixels, which FP8 would round to 3 or 4 bits, in INT8. */
  readonly input?: string;
  /** Points that the last of the methods may lose. */
  readonly target?: number;
}

const FORMATS: readonly Format[] = [
  { what: 'INT8', weights: 'int8', activations: 'int8', target: 0.5 },
  { what: 'FP8 E4M3, pixels in INT8', weights: 'fp8-e4m3fn', activations: 'fp8-e4m3fn', target: 1.5 },
  { what: 'FP8 E5M2, pixels in INT8', weights: 'fp8-e5m2', activations: 'fp8-e5m2' },
  { what: 'INT4 weights, INT8 activations', weights: 'int4', activations: 'int8', target: 1.5 },
];

/** The same in every respect but one, and that at its simplest: for comparison. */
const OTHERS: readonly Format[] = [
  { what: 'FP8 E4M3 throughout', weights: 'fp8-e4m3fn', activations: 'fp8-e4m3fn', input: 'fp8-e4m3fn' },
  { what: 'FP8 E5M2 throughout', weights: 'fp8-e5m2', activations: 'fp8-e5m2', input: 'fp8-e5m2' },
  { what: 'FP8 E3M4 throughout', weights: 'fp8-e3m4', activations: 'fp8-e3m4', input: 'fp8-e3m4' },
  { what: 'MXFP8 E4M3 throughout', weights: 'mxfp8-e4m3', activations: 'mxfp8-e4m3', input: 'mxfp8-e4m3' },
  { what: 'MXFP4 weights, INT8 activations', weights: 'mxfp4', activations: 'int8' },
];

interface Method {
  readonly what: string;
  readonly estimator: string;
  readonly algorithms: readonly string[];
}

const PLAIN: Method = { what: 'min–max', estimator: 'minmax', algorithms: [] };
const METHODS: readonly Method[] = [
  PLAIN,
  { what: 'least squared error', estimator: 'mse', algorithms: [] },
  { what: '+ bias correction', estimator: 'mse', algorithms: ['bias-correction'] },
  { what: '+ AdaRound', estimator: 'mse', algorithms: ['adaround'] },
];

function settingsOf({ weights, activations, input }: Format, method: Method, image: TensorId): QuantSettings {
  const estimator = { id: method.estimator, params: {} };
  return {
    ...DEFAULT_SETTINGS,
    weights: { granularity: 'channel', estimator, format: weights },
    activations: { estimator, format: activations },
    tensors: input ? { [image]: { format: input } } : {},
    algorithms: method.algorithms.map((id) => ({ id, params: {} })),
  };
}

export async function formats(): Promise<Row[]> {
  const studio = new TestSession();
  try {
    await studio.run('openModel', {
      files: modelFiles(fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite')),
    });
    await studio.run('openData', { files: sourceFiles(fixturePath(IMAGES)), ...SPLIT });
    await studio.run('calibrate', {});
    const image = studio.session.model.graph.inputs[0]!;
    const rows: Row[] = [];
    const add = async (format: Format, method: Method, target?: number) => {
      const { result } = await studio.run('evaluate', { settings: settingsOf(format, method, image) });
      if (rows.length === 0) rows.push({ what: 'float', value: 100 * result.float.value, unit: '%' });
      const images = Math.round((result.float.value - result.quantized.value) * result.float.samples);
      const value = (100 * images) / result.float.samples;
      rows.push({ what: `${format.what}, ${method.what}: lost`, value, unit: 'points', target });
    };
    for (const format of FORMATS)
      for (const method of METHODS)
        // INT8 has to do with the simplest ranges; the others may be helped.
        await add(
          format,
          method,
          method === (format.weights === 'int8' ? PLAIN : METHODS.at(-1)) ? format.target : undefined,
        );
    for (const format of OTHERS) await add(format, PLAIN);
    return rows;
  } finally {
    studio.session.dispose();
  }
}
