/**
 * Writes some models in every form a file can have, with what each file answers here: the input of
 * scripts/oracles/forms.py, which runs the same files in the runtimes that people install, and writes the table of docs/forms.md.
 *
 *     npx tsx scripts/forms.ts FIXTURES CASES FOLDER [MODEL …]
 *     python scripts/oracles/forms.py FOLDER
 *
 * FOLDER/MODEL then holds inputs.f32 (one row a sample, images as NHWC), a file and FORM.f32 (answers, likewise) for each
 * form, and index.json, which describes them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorInfo } from '../src/base/errors';
import { FORMS } from '../src/core/exports/forms';
import { elementCount, tensorOf, type TensorId } from '../src/core/graph/graph';
import { DEFAULT_SETTINGS } from '../src/core/quantize/settings';
import { Headless } from '../src/cli/headless';
import { modelFiles, sourceFiles } from '../src/cli/files';
import { writeNpy } from '../src/testing/builders/npy-writer';
import { loadForm } from '../src/jobs/export/run-form';

/** Noise of this mean and deviation where nobody publishes data that may be kept. */
type Data = string | { readonly mean: number; readonly deviation: number; readonly shape: readonly number[] };

const [fixtures, cases, folder, ...chosen] = process.argv.slice(2) as [string, string, string, ...string[]];

const MODELS: Readonly<Record<string, { readonly file: string; readonly data: Data }>> = {
  ResNet8: {
    file: join(fixtures, 'mlperf_tiny/ic/trained_models/pretrainedResnet.h5'),
    data: join(fixtures, 'datasets/cifar10_jpg/test'),
  },
  KWS: {
    file: join(fixtures, 'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite'),
    data: { mean: 0, deviation: 20, shape: [49, 10, 1] },
  },
  VWW: {
    file: join(fixtures, 'mlperf_tiny/vww/trained_models/vww_96_float.tflite'),
    data: { mean: 0.5, deviation: 0.25, shape: [96, 96, 3] },
  },
  AD: {
    file: join(fixtures, 'mlperf_tiny/ad/trained_models/ad01_fp32.tflite'),
    data: { mean: -15, deviation: 8, shape: [640] },
  },
  LSTM: {
    file: join(fixtures, 'tflite/tflm/trained_lstm.tflite'),
    data: { mean: 0.13, deviation: 0.3, shape: [28, 28] },
  },
  'ViT block': {
    file: join(fixtures, 'conformance/keras3/vit_block.keras'),
    data: 'random',
  },
  attention: { file: join(cases, 'attention.tflite'), data: 'random' },
  Conv1D: { file: join(cases, 'conv1d-bn.keras'), data: join(cases, 'conv1d-bn.npz') },
  'three inputs': { file: join(cases, 'three-inputs.tflite'), data: join(cases, 'three-inputs.npz') },
  'two outputs': { file: join(cases, 'multi-out.keras'), data: join(cases, 'multi-out.npz') },
};

const CALIBRATE = 100;
const EVALUATE = 200;
/** Samples whose answers are kept. */
const KEPT = 64;

/** Sums of uniform numbers from a congruential generator: the same everywhere. */
function noise({ mean, deviation, shape }: Exclude<Data, string>): Uint8Array {
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, u) => sum + u, -6);
  const count = CALIBRATE + EVALUATE;
  const values = Array.from({ length: count * elementCount(shape) }, () => mean + deviation * normal());
  return writeNpy({ descr: '<f4', shape: [count, ...shape], values });
}

async function write(name: string, { file, data }: (typeof MODELS)[string]): Promise<void> {
  const into = join(folder, name.replaceAll(' ', '-'));
  mkdirSync(into, { recursive: true });
  const studio = new Headless(true);
  const { session } = studio;
  try {
    await studio.run('openModel', { files: modelFiles(file) });
    const split = { seed: 42, calibrationSamples: CALIBRATE, evaluationSamples: EVALUATE };
    if (data === 'random') await studio.run('randomData', split);
    else if (typeof data === 'string') await studio.run('openData', { files: sourceFiles(data), ...split });
    else {
      const files = [{ path: 'noise.npy', blob: new Blob([noise(data).slice()]) }];
      await studio.run('openData', { files, ...split, preprocessing: [] });
    }
    await studio.run('calibrate', {});
    const { graph } = session.quantizableModel;
    const samples = session.data.split.evaluation.subarray(0, KEPT);
    const rows: Float32Array[] = [];
    for (const index of samples) rows.push((await session.data.reader.read(index)).slice());
    writeFileSync(join(into, 'inputs.f32'), joined(rows));
    const positions = graph.outputs.map((_, i) => i);
    const described = (ids: readonly TensorId[]) =>
      ids.map((id) => ({ name: id, shape: tensorOf(graph, id).shape, dtype: tensorOf(graph, id).dtype }));
    const forms = [];
    for (const form of FORMS) {
      try {
        const made = await studio.run('exportForm', { settings: DEFAULT_SETTINGS, form: form.id });
        writeFileSync(join(into, form.id + form.extension), made.bytes);
        const { figures, notes } = made;
        if (figures) {
          const loaded = await loadForm(session, form.runtime, made.bytes);
          const answers: Float32Array[] = [];
          for (const row of rows) answers.push((await loaded.run(row, positions)).slice());
          await loaded.dispose();
          writeFileSync(join(into, `${form.id}.f32`), joined(answers));
        }
        forms.push({ id: form.id, file: form.id + form.extension, bytes: made.bytes.byteLength, figures, notes });
      } catch (thrown) {
        forms.push({ id: form.id, refused: toErrorInfo(thrown).message });
      }
    }
    const index = {
      name,
      samples: rows.length,
      inputs: described(graph.inputs),
      outputs: described(graph.outputs),
      forms,
    };
    writeFileSync(join(into, 'index.json'), JSON.stringify(index, null, 1));
  } finally {
    studio.dispose();
  }
}

function joined(rows: readonly Float32Array[]): Uint8Array {
  return new Uint8Array(Float32Array.from(rows.flatMap((row) => [...row])).buffer);
}

for (const [name, row] of Object.entries(MODELS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  await write(name, row);
  console.log(name);
}
