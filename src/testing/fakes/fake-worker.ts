/**
 * A StudioWorker without engines: plausible data made by rule, for tests of the page and of the client. Its numbers mean
 * nothing; its timing (`pace` milliseconds a step), its cancellation and its shapes are those of the real one.
 */
import type { Difference } from '../../core/metrics/interval';
import type { Flips } from '../../jobs/contract/judgement-protocol';
import { diagnosis } from './fake-diagnosis';
import { FORM_OFFERS, formResult, runtimeComparison } from './fake-forms';
import { LAYERS, MODEL } from './fake-model';
import { FAKE_STEPS, fakeQatProgress, fakeQatResult } from './fake-qat';
import { chooseParams, estimateRange, gaussianStats } from './fake-stats';
import type { Calibration, QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { JobName, PartialResult, Result, Spec } from '../../jobs/contract/jobs';
import type { DataChange, DataSetView, Progress, SamplePreview } from '../../jobs/contract/protocol';
import type { StudioWorker } from '../../jobs/contract/worker-api';

/** A ring, somewhere else for each sample. */
function fakePicture(n: number): SamplePreview {
  const rgba = new Uint8ClampedArray(28 * 28 * 4);
  for (let i = 0; i < 28 * 28; i++) {
    const dx = (i % 28) - 14 + 3 * Math.sin(n);
    const dy = Math.floor(i / 28) - 14 + 3 * Math.cos(n);
    const ink = 255 * Math.exp(-((Math.hypot(dx, dy) - 6 - (n % 4)) ** 2) / 4);
    rgba.set([ink, ink, ink, 255], i * 4);
  }
  return { index: n, width: 28, height: 28, rgba, label: String(n % 10) };
}

function dataSet(change: DataChange, kind: DataSetView['kind']): DataSetView {
  const previews = Array.from({ length: 12 }, (_, n) => fakePicture(n));
  return {
    name: kind === 'random' ? 'Random data' : 'digits',
    kind,
    samples: 4000,
    sampleShape: [28, 28, 1],
    classNames: [...'0123456789'],
    labelled: kind !== 'random',
    calibrationSamples: change.calibrationSamples,
    evaluationSamples: change.evaluationSamples,
    preprocessing: change.preprocessing ?? [{ kind: 'scale', scale: 1 / 255, offset: 0 }],
    preprocessingGuessed: change.preprocessing === undefined,
    inWords: 'Pixels are divided by 255: the first convolution expects values of 0 to 1.',
    doctor: change.preprocessing
      ? [
          {
            severity: 'warning',
            message: 'The data spans 0 … 255, but the model saw 0 … 1.',
            fix: [{ kind: 'scale', scale: 1 / 255, offset: 0 }],
          },
        ]
      : [{ severity: 'ok', message: 'The data looks like what the model was trained on.' }],
    task: { id: 'classification', metric: 'top1', metrics: ['top1', 'agreement', 'top5'], inWords: 'Classification.' },
    previews,
  };
}

function calibration(samples: number): Calibration {
  const activations: Record<string, ReturnType<typeof gaussianStats>> = { input: gaussianStats(0, 0.4, 0.3, true) };
  LAYERS.forEach((layer, i) => {
    activations[layer.output.id] = gaussianStats(i + 1, 0.5 + (i % 3), 1 + (i % 4), layer.fusedActivation === 'relu6');
  });
  return { activations, weights: {}, samples };
}

function weightDetail(op: string): Result<'inspectWeights'> {
  const layer = LAYERS.find(({ id }) => id === op)!;
  const { id, quantizedDimension, shape } = layer.weight!;
  const channels = Array.from({ length: shape[quantizedDimension] }, (_, c) =>
    gaussianStats(c + 11, 0, 0.05 * (1 + (c % 5)) * (c === 7 ? 4 : 1), false),
  );
  return { op, tensor: id, stats: { tensor: gaussianStats(99, 0, 0.12, false), quantizedDimension, channels } };
}

function plan(settings: QuantSettings): QuantPlan {
  const stats = calibration(1).activations;
  const activations = Object.fromEntries(
    Object.entries(stats).map(([tensor, s]) => {
      const override = settings.tensors[tensor];
      const range = override?.range ?? estimateRange(s, override?.estimator ?? settings.activations.estimator);
      const origin = override?.range ? ('manual' as const) : ('estimated' as const);
      return [tensor, { tensor, range, params: chooseParams([range], false), origin }];
    }),
  );
  const weights = Object.fromEntries(
    LAYERS.filter(({ weight }) => weight).map((layer) => {
      const { stats: w, tensor } = weightDetail(layer.id);
      const override = settings.tensors[tensor];
      const ranges = w.channels.map((c, i) => override?.channels?.[i] ?? override?.range ?? { min: c.min, max: c.max });
      const origin = override?.range || override?.channels ? ('manual' as const) : ('estimated' as const);
      return [tensor, { tensor, op: layer.id, ranges, params: chooseParams(ranges, true), origin }];
    }),
  );
  const keptFloat = LAYERS.flatMap((l) =>
    l.floatOnlyReason
      ? [{ op: l.id, reason: l.floatOnlyReason }]
      : settings.layers[l.id]?.keepFloat
        ? [{ op: l.id, reason: 'excluded by user' }]
        : [],
  );
  return { activations, weights, keptFloat, notes: [] };
}

const FLOAT = { metric: 'top1', value: 0.982, top5: 0.999, samples: 1000 } as const;
const QUANTIZED = { ...FLOAT, value: 0.979 };

/** Four bits cost ten points, training wins back nine. */
function quantizedScore({ weights, trained }: QuantSettings) {
  return weights.format === undefined ? QUANTIZED : { ...FLOAT, value: trained === undefined ? 0.882 : 0.972 };
}

/** Against the float model's score, on the same thousand samples. */
function differenceOf({ value }: { readonly value: number }): Difference {
  const change = value - FLOAT.value;
  return { value: change, low: change - 0.006, high: change + 0.006, n: 1000, method: 'mcnemar', p: 0.5 };
}

const NO_FLIPS: Flips = {
  n: 1000,
  changed: 0,
  wrongNow: 0,
  fixed: 0,
  samples: [],
  confusion: { classes: 2, float: [480, 20, 10, 490], quantized: [475, 25, 12, 488] },
};

type Jobs = {
  [N in JobName]: (spec: Spec<N>) => {
    result: Result<N>;
    steps: number;
    partial?: (step: number) => PartialResult<N>;
  };
};

const NO_COST = {
  accumulator: 'fp16',
  layers: [],
  total: {
    parameters: 0,
    macs: 0,
    bytes: 0,
    bops: 0,
    weightTraffic: 0,
    activationTraffic: 0,
    aluPicojoules: 0,
  },
  arena: { buffers: [], bytes: 0, live: [], lowerBound: 0 },
} as const;

function searched({ cost, quality, precisions, budget }: Spec<'searchPrecision'>): Result<'searchPrecision'> {
  const layers = LAYERS.filter(({ weight }) => weight).map(({ id }) => id);
  const front = layers.map((_, wide) => ({
    precisions: Object.fromEntries(layers.map((op, i) => [op, i < wide ? 'int8' : 'int4'])),
    bytes: 28_000 + 4000 * wide,
    storable: true,
    picojoules: 1e6 + 1e5 * wide,
    score: { ...FLOAT, value: 0.92 + 0.01 * wide, samples: 125 },
    sqnrDb: 12 + 4 * wide,
  }));
  return {
    spec: { cost, quality, precisions, budget },
    front,
    references: [{ ...front[0], label: 'INT4 throughout' }],
    chosen: null,
    measured: 40,
    possible: precisions.length ** layers.length,
    layers,
    fixed: [],
    samples: 125,
    notes: [],
  };
}

const JOBS: Jobs = {
  applyAlgorithms: ({ settings }) => ({
    result: {
      calibration: calibration(500),
      reports: (settings.algorithms ?? []).map(({ id }) => ({
        algorithm: id,
        layers: LAYERS.filter(({ weight }) => weight).map((l) => ({ op: l.id, before: 4, after: 2 })),
        notes: [],
      })),
    },
    steps: 4,
  }),
  compareRuntimes: ({ runtime, samples }) => ({ result: runtimeComparison(runtime, samples), steps: 2 }),
  formOffers: () => ({ result: FORM_OFFERS, steps: 1 }),
  exportForm: ({ form }) => ({ result: formResult(form), steps: 2 }),
  improve: ({ settings }) => ({
    result: {
      settings: { ...settings, algorithms: [{ id: 'cle', params: {} }] },
      steps: [
        {
          step: 'equalization',
          label: 'Equalization',
          choice: 'Cross-layer equalization',
          kept: true,
          before: 20,
          after: 26,
          why: 'It helps.',
          tried: [{ label: 'Cross-layer equalization', sqnrDb: 26 }],
        },
      ],
      samples: 125,
      before: { sqnrDb: 20, score: QUANTIZED },
      after: { sqnrDb: 26, score: FLOAT },
      float: FLOAT,
    },
    steps: 4,
  }),
  cost: ({ accumulator }) => {
    const made = { ...NO_COST, accumulator };
    return { result: { float: made, planned: made, fp8: made }, steps: 1 };
  },
  openModel: () => ({ result: MODEL, steps: 2 }),
  openData: (spec) => ({ result: dataSet(spec, 'images'), steps: 2 }),
  changeData: (spec) => ({ result: dataSet(spec, 'images'), steps: 1 }),
  randomData: (spec) => ({ result: dataSet(spec, 'random'), steps: 1 }),
  calibrate: () => ({ result: calibration(500), steps: 12 }),
  restoreCalibration: () => ({ result: null, steps: 1 }),
  samplePictures: ({ samples }) => ({ result: samples.map(fakePicture), steps: 1 }),
  inspectWeights: ({ op }) => ({ result: weightDetail(op), steps: 1 }),
  plan: ({ settings }) => ({ result: plan(settings), steps: 1 }),
  evaluate: ({ settings }) => ({
    result: {
      float: FLOAT,
      quantized: quantizedScore(settings),
      difference: differenceOf(quantizedScore(settings)),
      flips: NO_FLIPS,
      floatDoubt: null,
      outputs: [],
      outputSqnrDb: 31.2,
      layers: LAYERS.map((l, i) => ({
        op: l.id,
        tensor: l.output.id,
        sqnrDb: 42 - 2.4 * i - 6 * (i % 2),
        cosine: 0.999,
        rmseOverScale: 0.4 + i / 10,
        maxError: 0.2,
      })),
    },
    steps: 12,
  }),
  sensitivity: ({ mode, samples }) => ({
    result: LAYERS.map((l, i) => ({
      op: l.id,
      delta: i % 3 === 1 ? -0.004 : 0.0005,
      sqnrDb: 40 - i,
      ...(mode === 'all-but' && { gainDb: i / 10 }),
      samples,
    })),
    steps: 12,
  }),
  diagnose: () => ({ result: diagnosis(QUANTIZED, FLOAT), steps: 6 }),
  probe: () => ({ result: { ...QUANTIZED, samples: 256 }, steps: 3 }),
  exportFile: ({ settings }) => {
    const made = plan(settings);
    return {
      result: {
        fileName: 'digits-cnn_int8.tflite',
        bytes: new Uint8Array(47_120),
        plan: made,
        keptFloat: made.keptFloat,
        notes: [],
      },
      steps: 2,
    };
  },
  qat: (spec) => ({
    result: fakeQatResult(spec),
    steps: FAKE_STEPS * spec.training.epochs,
    partial: (step) => fakeQatProgress(spec, step),
  }),
  searchPrecision: (spec) => ({ result: searched(spec), steps: 12 }),
  restoreTraining: () => ({ result: null, steps: 1 }),
  verify: ({ compareSamples, settings }) => ({
    result: {
      file: QUANTIZED,
      float: FLOAT,
      difference: differenceOf(QUANTIZED),
      flips: NO_FLIPS,
      outputs: [],
      ...(settings && { simulation: { score: QUANTIZED, samples: 1000, changed: 0, maxSteps: 1 } }),
      runtime: {
        name: 'LiteRT.js (fake)',
        profile: 'xnnpack',
        samples: compareSamples,
        of: 1000,
        tensors: LAYERS.map((l) => ({ tensor: l.output.id, elements: 12_544, mismatches: 0, maxLsb: 0 })),
        elements: 12_544 * LAYERS.length,
        mismatches: 0,
        maxLsb: 0,
      },
      latencyMs: { float: 0.84, quantized: 0.31 },
    },
    steps: 8,
  }),
};

export function fakeWorker(pace = 60): StudioWorker {
  const cancelled = new Set<number>();
  const paused = new Set<number>();
  return {
    ready: async () => ({ backend: 'fake' }),
    async run<N extends JobName>(
      id: number,
      name: N,
      spec: Spec<N>,
      onProgress: (progress: Progress) => void,
      onPartial: (partial: PartialResult<N>) => void,
    ) {
      const { result, steps, partial } = JOBS[name](spec);
      for (let step = 0; step < steps; step++) {
        onProgress({ stage: name, fraction: step / steps, ...(step > 1 && { remainingMs: (steps - step) * pace }) });
        if (partial) onPartial(partial(step));
        do await new Promise((resolve) => setTimeout(resolve, pace));
        while (paused.has(id) && !cancelled.has(id));
        if (cancelled.has(id)) return { ok: false, error: { code: 'cancelled', message: 'Cancelled.' } };
      }
      return { ok: true, result };
    },
    cancel: (id) => void cancelled.add(id),
    pause: (id) => void paused.add(id),
    resume: (id) => void paused.delete(id),
  };
}
