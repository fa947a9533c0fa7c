import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { fakeTrained } from '../../testing/fakes/fake-training';
import { fakeWorker } from '../../testing/fakes/fake-worker';
import type { JobName, Result, Spec } from '../contract/jobs';
import { buildReport, reportSchema, type ReportParts } from './report';

const SETTINGS = { ...DEFAULT_SETTINGS, layers: { logits: { keepFloat: true } } };
const SPLIT = { seed: 9, calibrationSamples: 100, evaluationSamples: 200 };

/** A result of the scripted worker: whole and plausible, made by no engine. */
async function result<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
  const ignore = () => undefined;
  const outcome = await fakeWorker(0).run(1, name, spec, ignore, ignore);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.result;
}

let parts: ReportParts;
beforeAll(async () => {
  parts = {
    model: await result('openModel', { files: [] }),
    data: await result('randomData', SPLIT),
    seed: SPLIT.seed,
    settings: SETTINGS,
    exported: await result('exportFile', { settings: SETTINGS }),
    evaluation: await result('evaluate', { settings: SETTINGS }),
    verification: await result('verify', { file: new Uint8Array(), compareSamples: 3 }),
    timings: { calibrate: 12.5 },
  };
});

describe('the report', () => {
  it('survives JSON and its own schema unchanged', () => {
    const report = buildReport(parts);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('says what went in', () => {
    const { model, data, settings, timings } = buildReport(parts);
    expect(model).toMatchObject({ name: 'digits-cnn', inputs: [{ name: 'input', shape: [-1, 28, 28, 1] }] });
    expect(data).toMatchObject({ kind: 'random', seed: 9, calibrationSamples: 100, evaluationSamples: 200 });
    expect(data.pipeline).toEqual([{ kind: 'scale', scale: 1 / 255, offset: 0 }]);
    expect(settings).toEqual(SETTINGS);
    expect(timings).toEqual({ calibrate: 12.5 });
  });

  it('says what came of it, the file apart from the simulation', () => {
    const { size, accuracy, runtime } = buildReport(parts);
    expect(size).toEqual({ float: 150_112, quantized: 47_120 });
    expect(accuracy).toMatchObject({ metric: 'top1', float: 0.982, quantized: 0.979, file: 0.979, samples: 1000 });
    expect(accuracy.top5).toEqual({ float: 0.999, quantized: 0.999, file: 0.999 });
    expect(runtime).toMatchObject({ samples: 3, tensors: 9, mismatches: 0, elements: 9 * 12_544 });
  });

  it('gives a quantized layer its parameters and a float one its reason', () => {
    const { layers } = buildReport(parts);
    const conv = layers.find(({ name }) => name === 'features/conv_0')!;
    const planned = parts.exported.plan.activations['features/conv_0/out'];
    expect(conv).toMatchObject({ bits: 8, scale: planned.params.scale[0], zeroPoint: planned.params.zeroPoint[0] });
    expect(conv.weightScales).toHaveLength(16);
    expect(conv.range).toEqual(planned.range);
    expect(layers.find(({ name }) => name === 'elu')).toMatchObject({
      bits: 32,
      scale: null,
      zeroPoint: null,
      keptFloat: 'no int8 kernel for elu',
    });
    expect(layers.find(({ name }) => name === 'logits')).toMatchObject({ bits: 32, keptFloat: 'excluded by user' });
  });

  it('has null where a figure has no finite value, and omits what was not measured', () => {
    const [first, ...rest] = parts.evaluation.layers;
    const exact = { ...first, sqnrDb: Infinity, cosine: NaN };
    const report = buildReport({
      ...parts,
      verification: null,
      evaluation: { ...parts.evaluation, outputSqnrDb: Infinity, layers: [exact, ...rest] },
    });
    expect(report.layers[0]).toMatchObject({ sqnrDb: null, cosine: null });
    expect(report.layers[0]).not.toHaveProperty('accuracyDelta');
    expect(report.accuracy).toMatchObject({ outputSqnrDb: null, file: null });
    expect(report.runtime).toBeNull();
    expect(reportSchema.safeParse(JSON.parse(JSON.stringify(report))).success).toBe(true);
  });

  it('carries what each layer alone did, where it was measured', async () => {
    const sensitivity = await result('sensitivity', { settings: SETTINGS, samples: 10 });
    const { layers } = buildReport({ ...parts, sensitivity });
    expect(layers.map(({ accuracyDelta }) => accuracyDelta)).toEqual(sensitivity.map(({ delta }) => delta));
  });

  it('says how trained weights came about, and whether the file predicts what was simulated', () => {
    const { epochs, epoch, milliseconds, objective, samples, training, history } = fakeTrained();
    const said = { untrained: 0.8, epochs, bestEpoch: epoch, milliseconds, objective, samples };
    const trained = { ...said, settings: { ...training }, history: history.map((row) => ({ ...row })) };
    const report = buildReport({ ...parts, training: trained });
    expect(report.training).toEqual({
      ...trained,
      predictionsChanged: parts.verification!.simulation?.changed ?? null,
    });
    const simulation = { score: parts.evaluation.quantized, samples: 10, changed: 3, maxSteps: 2 };
    const checked = buildReport({
      ...parts,
      training: trained,
      verification: { ...parts.verification!, simulation },
    });
    expect(checked.training!.predictionsChanged).toBe(3);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(checked)))).toEqual(checked);
    expect(buildReport(parts)).not.toHaveProperty('training');
  });

  it('refuses a version it does not know', () => {
    expect(reportSchema.safeParse({ ...buildReport(parts), version: 2 }).success).toBe(false);
  });
});
