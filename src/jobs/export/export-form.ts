/** Writes the model in one of the forms a file can have, and runs the file in the runtime it is for. */
import { RangefinderError } from '../../base/errors';
import type { GoldenVector } from '../../core/exports/c-project';
import type { FormRow, FormRuntime, FormSource } from '../../core/exports/form';
import { safeName } from '../../core/exports/file-name';
import { FORMS, formOf } from '../../core/exports/forms';
import { modelName } from '../../core/graph/model-name';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import { loadFile } from '../../engine/integer/file-model';
import { readTflite } from '../../core/model-formats/tflite/read';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Spec } from '../contract/jobs';
import type { FormFigures, FormResult } from '../contract/form-protocol';
import type { JobControls } from '../contract/protocol';
import { fileInputs } from '../session/file-runner';
import { floatOutputsOf } from '../session/float-outputs';
import { Stages } from '../session/progress';
import { judge } from '../session/judging';
import { FlipKeeper, ScoreKeeper } from '../session/scoring';
import type { ModelVariant, Session } from '../session/session';
import { runOnVariant } from '../session/run-on-variant';

import { loadForm } from './run-form';
import { writeWhole } from './whole-file';

/** Runtimes that are slow in WebAssembly are judged on fewer samples. */
const MOST_SAMPLES: Readonly<Partial<Record<FormRuntime, number>>> = { onnxruntime: 500 };
/** A difference from float that counts, as a share of the largest value. */
const NOTICEABLE = 1e-3;

function rowOf(id: string): FormRow {
  const row = formOf(id);
  if (row) return row;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: `There is no form "${id}" of a file.`,
    hint: `Choose one of ${FORMS.map((form) => form.id).join(', ')}.`,
  });
}

export function formSource(
  session: Session,
  { graph, calibration }: Pick<ModelVariant, 'graph' | 'calibration'>,
  settings: QuantSettings,
): FormSource {
  const { source } = session.model;
  return {
    graph,
    settings,
    name: modelName(source),
    plan: (choices) => planQuantization(graph, calibration, choices),
    goldens: (file) => goldensOf(session, file),
    tflite: (part) => writeWhole(part, source),
  };
}

export async function exportForm(
  session: Session,
  { settings, form, samples }: Spec<'exportForm'>,
  controls: JobControls,
): Promise<FormResult> {
  const row = rowOf(form);
  return runOnVariant(session, settings, controls, async (variant, rest) => {
    const stages = new Stages(rest, 10);
    await stages.enter(`Writing ${row.title}`, 1);
    const source = formSource(session, variant, settings);
    const reason = row.whyNot?.(source);
    if (reason !== undefined)
      throw new RangefinderError({
        code: 'unsupported-feature',
        message: `The model cannot be written as ${row.title}: ${reason}.`,
        hint: 'Choose another form.',
      });
    const { bytes, twin, plan, notes } = await row.write(source);
    const { figures, failure } = await tried(session, row, twin ?? bytes, samples, stages);
    const release = row.since ?? (row.runtime === 'litert' ? oldestRelease(bytes) : null);
    const fileName = `${safeName(source.name)}_${row.id}${row.extension}`;
    return {
      form,
      title: row.title,
      fileName,
      bytes,
      ...(plan && { plan }),
      minimumRuntime: release,
      notes: [...notes, ...failure],
      figures,
    };
  });
}

/** Samples that a project carries to test itself by: an array of them is compiled into firmware. */
const GOLDEN_SAMPLES = 2;

async function goldensOf(session: Session, file: Uint8Array): Promise<GoldenVector[]> {
  const { reader, split } = session.data;
  const graph = readTflite(file, 'exported.tflite');
  const model = loadFile(await session.runtime(), graph, file);
  const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  try {
    const vectors: GoldenVector[] = [];
    for (const index of split.evaluation.subarray(0, GOLDEN_SAMPLES)) {
      const inputs = fileInputs(graph, await reader.read(index));
      vectors.push({ inputs: inputs.map(bytesOf), outputs: model.run(inputs).map(bytesOf) });
    }
    return vectors;
  } finally {
    model.dispose();
  }
}

/** What the writer noted in a .tflite. */
function oldestRelease(bytes: Uint8Array): string | null {
  const noted = readTflite(bytes, 'exported.tflite').provenance.metadata['min_runtime_version'];
  return noted ? new TextDecoder().decode(noted).replace(/\0.*$/s, '') : null;
}

/** A runtime that fails is no reason to withhold the file. */
async function tried(...[session, row, bytes, samples, stages]: Parameters<typeof measured>) {
  if (row.runtime === 'none') return { figures: null, failure: [] };
  try {
    return { figures: await measured(session, row, bytes, samples, stages), failure: [] };
  } catch (thrown) {
    if (!(thrown instanceof RangefinderError) || thrown.code === 'cancelled') throw thrown;
    return { figures: null, failure: [thrown.message] };
  }
}

async function measured(
  session: Session,
  row: FormRow,
  bytes: Uint8Array,
  limit: number | undefined,
  stages: Stages,
): Promise<FormFigures> {
  const { reader, split } = session.data;
  const { graph } = session.quantizableModel;
  const most = MOST_SAMPLES[row.runtime] ?? split.evaluation.length;
  const samples = split.evaluation.subarray(0, limit ?? most);
  await stages.enter('Running the float model', 2, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));
  await stages.enter(`Running ${row.title}`, 6, samples.length);
  const judgement = await judge(session);
  const positions = judgement.outputs.tensors.map((id) => graph.outputs.indexOf(id));
  const [keeper, flips] = [new ScoreKeeper(judgement), new FlipKeeper(judgement)];
  const errors = new ErrorAccumulator();
  let [elementsChanged, elements] = [0, 0];
  const file = await loadForm(session, row.runtime, bytes);
  try {
    for (let i = 0; i < samples.length; i++) {
      const [index, exact, input] = [samples[i], floatOutput(i), await reader.read(samples[i])];
      const values = await file.run(input, positions);
      keeper.add(index, values, exact, input);
      errors.add(exact, values);
      flips.add(index, values, exact);
      const threshold = NOTICEABLE * exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, at) => (elementsChanged += Number(Math.abs(value - exact[at]) > threshold)));
      elements += values.length;
      await stages.step();
    }
    await stages.enter('Measuring speed', 1);
    return {
      runtime: file.name,
      score: keeper.score(),
      predictionsChanged: flips.result()?.changed ?? null,
      elementsChanged,
      elements,
      outputSqnrDb: errors.result().sqnrDb,
      samples: samples.length,
      milliseconds: await file.latency(await reader.read(samples[0])),
    };
  } finally {
    await file.dispose();
  }
}
