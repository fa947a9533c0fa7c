/** What checks look at, made from a graph and values by the naive interpreter: for diseases made to order. */
import { ChannelObserver, type ChannelStats } from '../../core/algorithms/channel-stats';
import { weightedLayers } from '../../core/algorithms/layer';
import type { DataFacts, Examined } from '../../core/diagnosis/finding';
import { producers, tensorOf, type Graph, type OpId, type TensorId } from '../../core/graph/graph';
import { SplitAccumulator, type ErrorSplit } from '../../core/metrics/error-split';
import { quantize } from '../../core/numerics/affine';
import { codeRange, INT8_ACTIVATION } from '../../core/number-formats/format';
import { planQuantization } from '../../core/quantize/resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { ConvergenceRecorder } from '../../core/calibration/convergence';
import { Observer } from '../../core/calibration/observer';
import { clipBounds } from '../../core/calibration/quantization-error';
import type { TensorStats } from '../../core/calibration/types';
import { runNaive } from '../oracles/naive-float';

export interface Made {
  /** Values of the only input for `samples` samples, to calibrate with; the same are evaluated unless `held` says others. */
  readonly values: Float32Array;
  readonly samples: number;
  readonly held?: { readonly values: Float32Array; readonly samples: number };
  readonly settings?: Partial<QuantSettings>;
  /** Equal for all layers where left out. */
  readonly shares?: Readonly<Record<OpId, number>>;
  readonly sqnrDb?: number;
  /** In place of what is assumed of errors from elsewhere: nine times the tensor's own, none of it from its weights. */
  readonly errors?: Readonly<Record<TensorId, Partial<Pick<ErrorSplit, 'weights' | 'propagated' | 'total'>>>>;
  readonly data?: Partial<DataFacts>;
}

/** Checkpoints of the convergence: a real calibration has one a batch. */
const BATCHES = 16;

export function examinedOf(graph: Graph, made: Made): Examined {
  const settings = { ...DEFAULT_SETTINGS, ...made.settings };
  const [input] = graph.inputs;
  const size = made.values.length / made.samples;
  const observers = new Map<TensorId, Observer>();
  const recorders = new Map<TensorId, ConvergenceRecorder>();
  const channels = new Map<TensorId, ChannelObserver>();
  for (const { output } of weightedLayers(graph))
    channels.set(output, new ChannelObserver(tensorOf(graph, output).shape.at(-1)!));
  const batch = Math.max(1, Math.ceil(made.samples / BATCHES));
  for (let from = 0; from < made.samples; from += batch) {
    const to = Math.min(made.samples, from + batch);
    for (const [id, { data }] of all(graph, input, made.values.subarray(from * size, to * size), to - from)) {
      const observer = observers.get(id) ?? new Observer();
      const recorder = recorders.get(id) ?? new ConvergenceRecorder();
      observers.set(id, observer);
      recorders.set(id, recorder);
      observer.observeBatch(Float32Array.from(data));
      recorder.note(to, () => observer.rangeSoFar());
      channels.get(id)?.observe(Float32Array.from(data));
    }
  }
  const activations: Record<TensorId, TensorStats> = {};
  for (const [id, observer] of observers)
    activations[id] = { ...observer.stats(), convergence: recorders.get(id)!.result() };
  const calibration = { activations, weights: {}, samples: made.samples };
  const plan = planQuantization(graph, calibration, settings);

  const held = made.held ?? made;
  const splits: Record<TensorId, ErrorSplit> = {};
  for (const [id, { data }] of all(graph, input, held.values, held.samples)) {
    const planned = plan.activations[id];
    const { format = INT8_ACTIVATION } = planned ?? {};
    if (!planned || format.kind !== 'int') continue;
    const params = { scale: planned.params.scale[0], zeroPoint: planned.params.zeroPoint[0] };
    const { qmin, qmax } = codeRange(format);
    const split = new SplitAccumulator(clipBounds(params, format));
    const rounded = Array.from(data, (x) => params.scale * (quantize(x, params, qmin, qmax) - params.zeroPoint));
    split.add({ float: data, carried: data, unrounded: data, rounded });
    const own = split.result();
    const carried = id === input ? 0 : 9 * own.total;
    splits[id] = { ...own, propagated: carried, total: own.total + carried, ...made.errors?.[id] };
  }
  const weighted = weightedLayers(graph).map(({ op }) => op.id);
  const shares = new Map<OpId, number>(
    made.shares ? Object.entries(made.shares) : weighted.map((op) => [op, 1 / weighted.length]),
  );
  const last = producers(graph).get(graph.outputs[0]);
  return {
    graph,
    reference: graph,
    calibration,
    settings,
    plan,
    output: last?.kind === 'softmax' ? last.inputs[0]! : graph.outputs[0],
    sqnrDb: made.sqnrDb ?? 20,
    splits,
    shares,
    channels: new Map([...channels].map(([id, observer]): [TensorId, ChannelStats] => [id, observer.stats()])),
    data: { doctor: [], samples: 1000, evaluationSamples: 200, isRandom: false, ...made.data },
  };
}

function all(graph: Graph, input: TensorId, values: Float32Array, samples: number) {
  const results = runNaive(graph, new Map([[input, values]]), samples);
  return [
    [input, { data: values as ArrayLike<number> }] as const,
    ...graph.ops.flatMap((op) => op.outputs).map((id) => [id, { data: results.get(id)!.data }] as const), // prettier-ignore
  ];
}
