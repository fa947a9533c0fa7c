/** From calibration and settings to scale and zero point of every tensor, by the rules of LiteRT's 8-bit spec. */
import { lookup, put } from '../../base/lookup';
import { RangefinderError } from '../../base/errors';
import { producers, tensorOf, type Graph, type OpId, type QuantParams, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import type { QuantRule } from '../graph/ops/definition';
import { definitionOf } from '../graph/ops/table';
import { chooseQuantParams, representableRange } from '../numerics/affine';
import { INT16_ACTIVATION, INT8_ACTIVATION, type AnyFormat } from '../number-formats/format';
import { ofHistogram } from '../calibration/distribution';
import type { Range } from '../calibration/types';
import { estimatorOf } from '../calibration/estimators/table';
import { cellParams } from './cell';
import { estimateRange, rememberedRanges } from './estimate';
import {
  chosenActivationFormat,
  isInt16Activation,
  isInt8Activation,
  storageNotes,
  storedWeightFormat,
} from './format-choice';
import { hasInt16Kernel } from './int16-kernels';
import { int8Advantage } from './input-format';
import { floatComposites } from './composites';
import { beyondKernel } from './kernel-limits';
import { maskRanges, wideEnoughForSoftmax, withRoomForMasked } from './masks';
import { extentOfConstant, paramsOfConstant } from './quantize-constants';
import type { ActivationPlan, Calibration, KeptFloat, QuantPlan, WeightPlan } from './plan';
import { ruleTargets } from './rule-targets';
import { withoutRules } from './rules';
import { runtimeNotes } from './runtime-limits';
import type { EstimatorChoice, QuantSettings, TensorOverride } from './settings';
import { rangeChoice } from './range-choice';
import { AUTO, borderTensors, settledChoice } from './settled-choice';
import { shareParameters, type Sharing } from './sharing';
import { storedActivation, type StoredActivation } from './stored-grid';
import { fitBias, planWeights } from './weight-plan';
import { isReal, isWhole } from './whole-numbers';

/**
 * @param graph normalized, in float.
 * @param calibration of this graph; statistics of every activation that an integer op touches.
 * @throws RangefinderError 'invalid-settings' where a tensor was not calibrated or a range is unusable.
 */
export function planQuantization(graph: Graph, calibration: Calibration, choices: QuantSettings): QuantPlan {
  const settings = choices.rules?.length ? withoutRules(choices, ruleTargets(graph)) : choices;
  /** Ops beyond what their kernels hold, too; those around them get other scales, so that it may take several rounds. */
  const beyond = new Map(floatComposites(graph, (id) => lookup(calibration.activations, id)));
  for (const id of beyond.keys()) if (lookup(settings.layers, id)?.keepFloat === false) beyond.delete(id);
  for (;;) {
    const plan = planWithout(beyond, graph, calibration, settings);
    const known = beyond.size;
    const inFloat = new Set(plan.keptFloat.map(({ op }) => op));
    for (const op of graph.ops) {
      if (inFloat.has(op.id)) continue;
      const problem = beyondKernel(graph, op, plan.activations, (id) => paramsOfConstant(tensorOf(graph, id)).scale[0]);
      if (problem) beyond.set(op.id, problem);
    }
    if (beyond.size === known) return plan;
  }
}

/** "Percentile 99.995". */
function inWords({ id, params }: EstimatorChoice): string {
  return [estimatorOf(id)?.label, ...Object.values(params)].join(' ');
}

/** @param beyond ops that stay in float for other reasons than their own rule, with that reason */
function planWithout(
  beyond: ReadonlyMap<OpId, string>,
  graph: Graph,
  calibration: Calibration,
  settings: QuantSettings,
): QuantPlan {
  const keptFloat = graph.ops.flatMap((op) => {
    const reason = beyond.get(op.id);
    return reasonForFloat(graph, op, settings) ?? (reason === undefined ? [] : { op: op.id, reason });
  });
  const inFloat = new Set(keptFloat.map(({ op }) => op));
  const quantized = (op: Op) => !inFloat.has(op.id);
  const producerOf = producers(graph);
  const overrideOf = (id: TensorId) => rangeChoice(settings, id, producerOf.get(id)?.id, 'activation');
  const rangeOf = (id: TensorId) => overrideOf(id).range;
  const keepsFile = settings.fileRanges !== 'ignored';
  const sharing = shareParameters(graph, quantized, {
    isPinned: (id) => rangeOf(id) !== undefined,
    reachOf: (id) => (rangeOf(id) ? undefined : lookup(calibration.activations, id)),
    storedParams: (id) => (keepsFile ? tensorOf(graph, id).storedAs?.quant : undefined),
  });
  const notes = [...sharing.notes];
  const { estimator } = calibration;
  if (settings.activations.estimator.id === AUTO && estimator)
    notes.push(`Ranges of activations are found by ${inWords(estimator)}, which measured best.`);

  const activations: Record<TensorId, ActivationPlan> = {};
  const usual = settings.activations.estimator;
  const fixed = fixedOutputs(graph, quantized);
  /** Inputs that stay INT8 because the activations' format would err more on them, by so many decibels. */
  const spared = new Map<TensorId, number>();
  const formatOf = (id: TensorId) => {
    const source = sharing.sourceOf(id);
    const producer = producerOf.get(source)?.id;
    const chosen = chosenActivationFormat(settings, source, producer);
    if (producer !== undefined || lookup(settings.tensors, source)?.format) return chosen;
    const advantage = int8Advantage(chosen, lookup(calibration.activations, source));
    if (advantage > 0) spared.set(source, advantage);
    return advantage > 0 ? chosenActivationFormat(settings, source, producer, 'int8') : chosen;
  };
  const stored = (id: TensorId, format: AnyFormat) =>
    keepsFile ? storedActivation(tensorOf(graph, id), format) : undefined;
  const scores = new Set(graph.ops.flatMap(({ kind, inputs }) => (kind === 'softmax' ? inputs : [])));
  const choicesOf: RangeChoices = { overrideOf, usual, borders: borderTensors(graph), scores, stored };
  const cells = new Set(graph.ops.flatMap((op) => (op.kind === 'lstm' && quantized(op) ? [op.outputs[1]] : [])));
  for (const id of integerActivations(graph, quantized, settings)) {
    if (cells.has(id)) {
      put(activations, id, planCell(id, calibration));
      continue;
    }
    put(activations, id, planActivation(id, formatOf(id), sharing, fixed, calibration, choicesOf));
    if (rangeOf(id) && fixed.has(sharing.sourceOf(id)))
      notes.push(`The range set for ${id} is not used: its kernel prescribes scale and zero point.`);
  }
  limitMasks(graph, sharing, calibration, activations);
  for (const [id, decibels] of spared)
    notes.push(`Input ${id} stays INT8: the format of the activations would err ${decibels.toFixed(0)} dB more on it.`);

  const weights: Record<TensorId, WeightPlan> = {};
  const planned: [Op, WeightPlan][] = [];
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    if (rule.kind === 'recurrent' && quantized(op)) {
      const { notes: problems, plans } = planRecurrent(graph, op, rule, activations, settings);
      notes.push(...problems);
      for (const plan of plans) planned.push([op, put(weights, plan.tensor, plan)]);
    }
    const weight = rule.kind === 'weighted' && quantized(op) ? op.inputs[rule.weightInput] : null;
    if (!weight || rule.kind !== 'weighted') continue;
    let plan = lookup(weights, weight);
    if (!plan) {
      plan = put(weights, weight, planWeights(graph, op, weight, rule.axis, settings));
      planned.push([op, plan]);
    }
    const biasId = op.inputs[rule.biasInput] ?? null;
    const bias = biasId === null ? undefined : (tensorOf(graph, biasId).data as Float32Array | undefined);
    const input = op.inputs.find((_, i) => i !== rule.weightInput && i !== rule.biasInput);
    const activation = lookup(activations, input);
    if (!storedWeightFormat(plan) || !activation || !isInt8Activation(activation)) continue; // no bias in int32
    const note = fitBias(plan, activation.params.scale[0], bias, op.sourceName || op.id);
    if (note) notes.push(note);
  }
  notes.push(...storedNotes(graph, activations), ...storageNotes(planned));
  notes.push(...runtimeNotes(graph, graph.ops.filter(quantized), activations, weights));
  return { activations, weights, keptFloat, notes };
}

function notCalibrated(id: TensorId): RangefinderError {
  return new RangefinderError({
    code: 'invalid-settings',
    message: `"${id}" was not calibrated.`,
    where: id,
    hint: 'Run calibration again: the model changed since.',
  });
}

/** The matrices of a recurrent op, each with one scale, wide enough for the bias that is added to its product. */
function planRecurrent(
  graph: Graph,
  op: Op,
  { weightInputs, biasInputs }: Extract<QuantRule, { kind: 'recurrent' }>,
  activations: QuantPlan['activations'],
  settings: QuantSettings,
): { plans: WeightPlan[]; notes: string[] } {
  const notes: string[] = [];
  const input = lookup(activations, op.inputs[0])?.params.scale[0];
  const plans = weightInputs.map((index, i) => {
    const plan = planWeights(graph, op, op.inputs[index]!, 0, settings, 'tensor');
    const bias = biasInputs[i] === undefined ? undefined : tensorOf(graph, op.inputs[biasInputs[i]]!).data;
    const fits = input === undefined ? undefined : fitBias(plan, input, bias as Float32Array, op.sourceName || op.id);
    if (fits) notes.push(fits);
    return plan;
  });
  return { plans, notes };
}

/** What a recurrent kernel keeps between steps: 16 bits, whatever its other tensors have. */
function planCell(id: TensorId, calibration: Calibration): ActivationPlan {
  const stats = lookup(calibration.activations, id);
  if (!stats) throw notCalibrated(id);
  const range = { min: stats.min, max: stats.max };
  return { tensor: id, range, params: cellParams(range), format: INT16_ACTIVATION, origin: 'fixed' };
}

/** Takes the extent of masks back to what the scores they are added to leave visible. */
function limitMasks(
  graph: Graph,
  sharing: Sharing,
  calibration: Calibration,
  activations: Record<TensorId, ActivationPlan>,
): void {
  /** Scores that are masked twice were taken back by the later mask: the earlier one has to reach as far as they do. */
  const limited = new Set<TensorId>();
  const isMasked = (id: TensorId) => limited.has(id) || lookup(calibration.activations, id)?.masked !== undefined;
  const rangeOf = (id: TensorId): Range | undefined => {
    const tensor = tensorOf(graph, id);
    return tensor.data instanceof Float32Array ? extentOfConstant(tensor) : lookup(activations, id)?.range;
  };
  for (let known = -1; known < limited.size;) {
    known = limited.size;
    for (const [source, range] of maskRanges(graph, sharing, isMasked, rangeOf)) {
      const { scale, zeroPoint } = chooseQuantParams(range, INT8_ACTIVATION);
      for (const tensor of sharing.membersOf(source)) {
        const planned: Omit<ActivationPlan, 'range' | 'params'> = lookup(activations, tensor) ?? {
          tensor,
          origin: 'estimated',
        };
        if (planned.origin === 'fixed' || planned.origin === 'manual' || !isInt8Activation(planned)) continue;
        put(activations, tensor, { ...planned, range, params: paramsOf(scale, zeroPoint) });
        limited.add(tensor);
      }
    }
  }
}

function reasonForFloat(graph: Graph, op: Op, settings: QuantSettings): KeptFloat | undefined {
  if (lookup(settings.layers, op.id)?.keepFloat) return { op: op.id, reason: 'excluded by user' };
  const [output] = op.outputs;
  const format = output === undefined ? undefined : chosenActivationFormat(settings, output, op.id);
  if (format && isInt16Activation({ format }) && !isWhole(graph, op) && !hasInt16Kernel(op.kind))
    return { op: op.id, reason: `LiteRT has no kernel with 16-bit activations for ${op.kind}` };
  const rule = definitionOf(op).quant;
  if (rule.kind === 'float-only') return { op: op.id, reason: rule.reason };
  if (isWhole(graph, op)) return { op: op.id, reason: 'it computes indices, which are whole numbers' };
  if (rule.kind !== 'weighted') return undefined;
  const isConstant = (index: number) => {
    const id = op.inputs[index] ?? null;
    return id === null || tensorOf(graph, id).data !== undefined;
  };
  if (!isConstant(rule.weightInput) || !isConstant(rule.biasInput))
    return { op: op.id, reason: 'its weights are computed, not constant' };
  const readsActivations = op.inputs.some((id) => id !== null && tensorOf(graph, id).data === undefined);
  return readsActivations ? undefined : { op: op.id, reason: 'it computes the same for every sample' };
}

/** Whether the ranges of a file that was quantized already were enough. */
function storedNotes(graph: Graph, activations: QuantPlan['activations']): string[] {
  const plans = Object.values(activations);
  const kept = plans.filter(({ origin }) => origin === 'file').length;
  if (kept === 0) return [];
  const calibrated = plans.filter(
    ({ tensor, origin }) => origin === 'estimated' && !tensorOf(graph, tensor).data,
  ).length;
  return [`${kept} activations keep the scales of the file; ${calibrated} of which it says nothing are calibrated.`];
}

/** Tensors whose parameters the kernel that writes them prescribes. */
function fixedOutputs(graph: Graph, quantized: (op: Op) => boolean): Map<TensorId, QuantParams> {
  const fixed = new Map<TensorId, QuantParams>();
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    if (rule.kind === 'fixed-output' && quantized(op))
      for (const id of op.outputs) fixed.set(id, paramsOf(rule.scale, rule.zeroPoint));
  }
  return fixed;
}

/** Activations that exist in integers: what integer ops read and write, and an integer file's inputs and outputs. */
function integerActivations(graph: Graph, quantized: (op: Op) => boolean, settings: QuantSettings): Set<TensorId> {
  const ids = new Set<TensorId>();
  const add = (id: TensorId | null) => {
    if (id !== null && !tensorOf(graph, id).data && isReal(graph, id)) ids.add(id);
  };
  for (const op of graph.ops.filter(quantized)) [...op.inputs, ...op.outputs].forEach(add);
  for (const id of [...graph.inputs, ...graph.outputs])
    if ((lookup(settings.ioTensors ?? {}, id) ?? settings.io) !== 'float32') add(id);
  return ids;
}

/** 8-bit scales of softmax, sigmoid and tanh, whose outputs lie within ±1: at 16 bits all of them have 1/32768. */
const UNIT_OUTPUTS_16: ReadonlySet<number> = new Set([1 / 256, 1 / 128]);

/** What was chosen for each activation, what the file says of it, and the estimator of all that have none of their own. */
interface RangeChoices {
  readonly overrideOf: (id: TensorId) => TensorOverride;
  readonly stored: (id: TensorId, format: AnyFormat) => StoredActivation | undefined;
  readonly usual: EstimatorChoice;
  readonly borders: ReadonlySet<TensorId>;
  /** What softmaxes read. */
  readonly scores: ReadonlySet<TensorId | null>;
}

function planActivation(
  id: TensorId,
  format: AnyFormat,
  sharing: Sharing,
  fixed: ReadonlyMap<TensorId, QuantParams>,
  calibration: Calibration,
  choices: RangeChoices,
): ActivationPlan {
  const source = sharing.sourceOf(id);
  const shared = source === id ? {} : { sharedWith: source };
  const prescribed = fixed.get(source);
  const own = format === INT8_ACTIVATION ? {} : { format };
  if (prescribed && isInt16Activation({ format }) && UNIT_OUTPUTS_16.has(prescribed.scale[0])) {
    const origin = source === id ? 'fixed' : 'shared';
    const params = paramsOf(2 ** -15, 0);
    const range = representableRange({ scale: 2 ** -15, zeroPoint: 0 }, INT16_ACTIVATION);
    return { tensor: id, range, params, ...own, origin, ...shared };
  }
  if (prescribed && isInt8Activation({ format })) {
    const origin = source === id ? 'fixed' : 'shared';
    const affine = { scale: prescribed.scale[0], zeroPoint: prescribed.zeroPoint[0] };
    const range = representableRange(affine, INT8_ACTIVATION);
    return { tensor: id, range, params: prescribed, origin, ...shared };
  }
  // A range set on any member of a group is meant for what they share; the source's own comes first.
  const manual = sharing
    .membersOf(source)
    .map((member) => choices.overrideOf(member).range)
    .find((range) => range !== undefined);
  const stored = manual ? undefined : storedOf(source, format, sharing, choices);
  if (stored) {
    const { range, params = fitted(range, format) } = stored;
    return { tensor: id, range, params, ...own, origin: source === id ? 'file' : 'shared', ...shared };
  }
  const range = manual ?? estimate(source, format, sharing, calibration, choices);
  const origin = source !== id ? 'shared' : manual ? 'manual' : 'estimated';
  return { tensor: id, range, params: fitted(range, format), ...own, origin, ...shared };
}

function fitted(range: Range, format: AnyFormat): QuantParams {
  const { scale, zeroPoint } = format.kind === 'block' ? UNSCALED : chooseQuantParams(range, format);
  return paramsOf(scale, zeroPoint);
}

/** What the file says of a group: an estimator that somebody chose for any of it wins. */
function storedOf(source: TensorId, format: AnyFormat, sharing: Sharing, { overrideOf, stored }: RangeChoices) {
  const members = sharing.membersOf(source);
  if (members.some((member) => overrideOf(member).estimator)) return undefined;
  for (const member of members) {
    const found = stored(member, format);
    if (found) return found;
  }
  return undefined;
}

/** Blocks bring their own scales. */
const UNSCALED = { scale: 1, zeroPoint: 0 };

function estimate(
  source: TensorId,
  format: AnyFormat,
  sharing: Sharing,
  calibration: Calibration,
  { overrideOf, usual, borders, scores }: RangeChoices,
): Range {
  const stats = lookup(calibration.activations, source);
  if (!stats) throw notCalibrated(source);
  if (stats.count === 0) return withRoomForMasked({ min: 0, max: 0 }, stats);
  if (format.kind === 'block') return { min: stats.min, max: stats.max };
  const chosen = sharing.membersOf(source).map((member) => overrideOf(member).estimator);
  const atBorder = sharing.membersOf(source).some((member) => borders.has(member));
  const choice = settledChoice(
    chosen.find((candidate) => candidate !== undefined) ?? usual,
    calibration.estimator,
    atBorder,
  );
  const find = () => [estimateRange(ofHistogram(stats), format, choice)];
  const range = withRoomForMasked(rememberedRanges(stats, format, choice, find)[0], stats);
  return sharing.membersOf(source).some((member) => scores.has(member)) ? wideEnoughForSoftmax(range) : range;
}

function paramsOf(scale: number, zeroPoint: number): QuantParams {
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), quantizedDimension: 0 };
}
