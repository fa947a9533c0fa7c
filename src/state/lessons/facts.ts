/** What a lesson's checks see of the studio: each fact of core/lessons/vocabulary.ts from the state of this moment. */
import { lookup } from '../../base/lookup';
import { estimatorOf } from '../../core/calibration/estimators/table';
import { accumulatorOf } from '../../core/cost/mac';
import { ofHistogram } from '../../core/calibration/distribution';
import type { Distribution, Range, TensorStats } from '../../core/calibration/types';
import { figureNumber } from '../../core/lessons/figures/table';
import type { Facts } from '../../core/lessons/evaluate';
import { answerTo, positionsOf, stepOf, type Progress } from '../../core/lessons/progress';
import type { Lesson, Step } from '../../core/lessons/schema';
import type { FactName, Value } from '../../core/lessons/vocabulary';
import {
  codeRange,
  INT8_ACTIVATION,
  INT8_WEIGHT,
  type AnyFormat,
  type NumberFormat,
} from '../../core/number-formats/format';
import { clipFigures } from '../../core/quantize/clip-figures';
import { chosenActivationFormat, chosenWeightFormat } from '../../core/quantize/format-choice';
import { FORMATS } from '../../core/number-formats/table';
import { canonicalJson } from '../../base/canonical-json';
import type { LayerView } from '../../jobs/contract/protocol';
import { comparedWith } from '../results/comparison';
import { targetChecks } from '../results/target-checks';
import { freshness, shownCalibration, type Stamped } from '../slices/results';
import { settingsOf, type StudioState } from '../store';

type Read = (state: StudioState, args: readonly string[]) => Value | undefined;

/** Facts that only the lesson itself knows. */
type OfLesson = 'figure' | 'prediction' | 'field' | 'recorded';

/** The result, where it is of the settings of this moment and complete. */
function fresh<T>(state: StudioState, result: Stamped<T> | null): T | undefined {
  return freshness(result, settingsOf(state), state.results.basis) === 'fresh' ? result!.value : undefined;
}

/** A layer by its id or by its name. */
function layerOf({ model }: StudioState, name: string | undefined): LayerView | undefined {
  const layers = model.view?.layers;
  return layers?.find(({ id }) => id === name) ?? layers?.find((layer) => layer.name === name);
}

interface Quantized {
  readonly stats: TensorStats;
  /** The widest one, where channels have their own. */
  readonly range: Range;
  readonly format: NumberFormat;
  readonly scale: number;
  readonly zeroPoint: number;
}

const elementOf = (format: AnyFormat | undefined, usual: NumberFormat): NumberFormat =>
  !format ? usual : format.kind === 'block' ? format.element : format;

/** How one tensor of a layer is quantized as planned now. */
function quantized(state: StudioState, [name, part]: readonly string[]): Quantized | undefined {
  const layer = layerOf(state, name);
  const plan = fresh(state, state.results.plan);
  const calibration = shownCalibration(state.results);
  if (!layer || !plan || !calibration) return undefined;
  if (part === 'weights') {
    const weights = lookup(plan.weights, layer.weight?.id);
    const stats = lookup(calibration.weights, layer.weight?.id)?.tensor;
    if (!weights || !stats) return undefined;
    const top = ({ min, max }: Range) => Math.max(-min, max);
    const range = weights.ranges.reduce((widest, one) => (top(one) > top(widest) ? one : widest));
    return { stats, range, format: elementOf(weights.format, INT8_WEIGHT), ...ofFirst(weights.params) };
  }
  const activation = lookup(plan.activations, layer.output.id);
  const stats = lookup(calibration.activations, layer.output.id);
  if (!activation || !stats) return undefined;
  const { range, format, params } = activation;
  return { stats, range, format: elementOf(format, INT8_ACTIVATION), ...ofFirst(params) };
}

function ofFirst({ scale, zeroPoint }: { readonly scale: ArrayLike<number>; readonly zeroPoint: ArrayLike<number> }) {
  return { scale: scale[0], zeroPoint: zeroPoint[0] };
}

/** Statistics do not change, and checks are looked at whenever the studio does. */
const bestRanges = new WeakMap<TensorStats, Map<string, Range>>();

function bestRange({ stats, format }: Quantized): Range {
  let known = bestRanges.get(stats);
  if (!known) bestRanges.set(stats, (known = new Map<string, Range>()));
  const key = canonicalJson(format);
  let best = known.get(key);
  if (!best) known.set(key, (best = estimatorOf('mse')!.estimate(distributionOf(stats), format, {})));
  return best;
}

const magnitude = ({ min, max }: Range) => Math.max(-min, max);

function whenQuantized(read: (quantized: Quantized) => Value): Read {
  return (state, args) => {
    const found = quantized(state, args);
    return found && read(found);
  };
}

function formatName(format: AnyFormat): string | undefined {
  const text = canonicalJson(format);
  const row = FORMATS.find(({ weights, activations }) =>
    [weights, activations].some((one) => canonicalJson(one) === text),
  );
  return row?.id;
}

const READ: Readonly<Record<Exclude<FactName, OfLesson>, Read>> = {
  score: (state, [of]) => {
    const { verification, evaluation } = state.results;
    if (of === 'file') return fresh(state, verification)?.file.value;
    const scores = fresh(state, evaluation);
    if (of === 'simulated') return scores?.quantized.value;
    return scores?.float.value ?? evaluation?.value.float.value;
  },
  outputSqnr: (state) => fresh(state, state.results.evaluation)?.outputSqnrDb,
  sqnr: (state, [name]) => {
    const layer = layerOf(state, name);
    return fresh(state, state.results.evaluation)?.layers.find(({ op }) => op === layer?.id)?.sqnrDb;
  },
  ownSqnr: whenQuantized(({ stats, range, format }) => clipFigures(stats, range, format).sqnrDb),
  bestSqnr: whenQuantized((found) => clipFigures(found.stats, bestRange(found), found.format).sqnrDb),
  clippedShare: whenQuantized(({ stats, range, format }) => clipFigures(stats, range, format).clippedShare),
  rangeTop: whenQuantized(({ range }) => magnitude(range)),
  bestTop: whenQuantized((found) => magnitude(bestRange(found))),
  largest: whenQuantized(({ stats }) => magnitude(stats)),
  scale: whenQuantized(({ scale }) => scale),
  zeroPoint: whenQuantized(({ zeroPoint }) => zeroPoint),
  lowestCode: (state, [name]) => {
    const found = quantized(state, [name, 'activations']);
    return found?.format.kind === 'int' ? codeRange(found.format).qmin : undefined;
  },
  channelSpread: (state, [name]) => {
    const weight = layerOf(state, name)?.weight?.id;
    const channels = lookup(shownCalibration(state.results)?.weights, weight)?.channels ?? [];
    const known = channels.length > 0 ? channels : weightChannels(state, name);
    const tops = known.map(magnitude).filter((top) => top > 0);
    return tops.length > 0 ? Math.max(...tops) / Math.min(...tops) : undefined;
  },
  format: (state, [name, part]) => {
    const layer = layerOf(state, name);
    if (!layer) return undefined;
    const settings = settingsOf(state);
    const format =
      part === 'weights' ? chosenWeightFormat(settings, layer.id) : chosenActivationFormat(settings, layer.output.id, layer.id); // prettier-ignore
    return formatName(format);
  },
  estimator: (state, [part]) => settingsOf(state)[part as 'weights' | 'activations'].estimator.id,
  granularity: (state) => settingsOf(state).weights.granularity,
  codes: (state) => settingsOf(state).activations.codes ?? 'asymmetric',
  keptFloat: (state, [name]) => {
    const layer = layerOf(state, name);
    const plan = fresh(state, state.results.plan);
    return layer && plan && plan.keptFloat.some(({ op }) => op === layer.id);
  },
  algorithm: (state, [id]) => (settingsOf(state).algorithms ?? []).some((choice) => choice.id === id),
  finding: (state, [check]) => {
    const { result } = state.diagnosis;
    return fresh(state, result)?.findings.some((finding) => finding.check === check);
  },
  bytes: (state) => fresh(state, state.results.exported)?.bytes.length,
  floatBytes: (state) => state.model.view?.floatBytes,
  verified: (state) => fresh(state, state.results.verification) !== undefined,
  mismatches: (state) => fresh(state, state.results.verification)?.runtime.mismatches,
  targetFindings: (state, [id]) => {
    const file = fresh(state, state.results.exported);
    const check = file && targetChecks(file).find(({ target }) => target === id);
    return check?.findings.filter(({ severity }) => severity !== 'note').length;
  },
  changed: (state) => fresh(state, state.results.evaluation)?.flips?.changed,
  trained: (state) => settingsOf(state).trained !== undefined,
  untrainedScore: (state) => {
    const known = settingsOf(state).trained === undefined ? fresh(state, state.results.evaluation) : comparedWith(state)?.evaluation?.value; // prettier-ignore
    return known?.quantized.value;
  },
  epochs: (state) => Math.max(0, (state.training.run?.progress?.history.length ?? 0) - 1),
  bestEpochScore: (state) => {
    const scores = validationScores(state);
    return scores.length > 1 ? Math.max(...scores.slice(1)) : undefined;
  },
  passedAfter: (state) => {
    const [before, ...epochs] = validationScores(state);
    return before === undefined || epochs.length === 0 ? undefined : epochs.findIndex((score) => score > before) + 1;
  },
  fp8Gates: (state) => accumulatorOf(state.ui.accumulator).relativeArea,
  accumulator: (state) => state.ui.accumulator,
  searched: (state) => state.results.search !== null && !state.results.search.partial,
  calibrationSamples: (state) => state.results.calibration?.value.samples,
  selected: (state) => state.model.view?.layers.find(({ id }) => id === state.selection.layer)?.name,
  view: (state) => state.ui.tab,
};

function weightChannels(state: StudioState, name: string | undefined): readonly TensorStats[] {
  return lookup(state.results.weights, layerOf(state, name)?.id)?.stats.channels ?? [];
}

function validationScores({ training }: StudioState): readonly number[] {
  return (training.run?.progress?.history ?? []).flatMap(({ validationAccuracy }) => validationAccuracy ?? []);
}

/** The weights that a lesson's figure draws; undefined where it draws none, or before they are known. */
export function figureDistribution(state: StudioState, step: Step): Distribution | undefined {
  const { figure } = step;
  if (figure?.type !== 'codebook') return undefined;
  const weight = layerOf(state, figure.layer)?.weight?.id;
  const stats = lookup(state.results.calibration?.value.weights, weight)?.tensor;
  return stats && distributionOf(stats);
}

const distributions = new WeakMap<TensorStats, Distribution>();

function distributionOf(stats: TensorStats): Distribution {
  let distribution = distributions.get(stats);
  if (!distribution) distributions.set(stats, (distribution = ofHistogram(stats)));
  return distribution;
}

/** What is drawn for a prediction that is a mark on a distribution. */
export function markedStats(
  state: StudioState,
  layer: string,
  part: 'weights' | 'activations',
): TensorStats | undefined {
  return quantized(state, [layer, part])?.stats;
}

export function factsOf(state: StudioState, lesson: Lesson, progress: Progress): Facts {
  const step = stepOf(lesson, progress);
  const ofLesson: Readonly<Record<OfLesson, (name: string) => Value | undefined>> = {
    prediction: (name) => answerTo(progress, name),
    field: (name) => answerTo(progress, step.id, name),
    recorded: (name) => progress.records.find((record) => record.name === name)?.value,
    figure: (name) => {
      const shown = step.figure ? step : lesson.steps.slice(0, progress.step + 1).findLast(({ figure }) => figure);
      if (!shown?.figure) return undefined;
      return figureNumber(shown.figure, name, positionsOf(progress, shown.id), figureDistribution(state, shown));
    },
  };
  return (name, args) =>
    Object.hasOwn(ofLesson, name) ? ofLesson[name as OfLesson](args[0]) : READ[name as keyof typeof READ](state, args);
}
