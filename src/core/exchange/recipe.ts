/**
 * Recipes of litert-quantizer (ai-edge-quantizer): entries of which the last that matches an operator holds alone.
 * Source: litert_quantizer/recipe_manager.py and qtyping.py, release 0.11.
 */
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import { lookup } from '../../base/lookup';
import type { OpKind } from '../graph/ops/attrs';
import { formatOf } from '../number-formats/table';
import { ruledLayers, type RuleTarget } from '../quantize/rules';
import type { Granularity, LayerOverride, LayerRule, QuantSettings } from '../quantize/settings';
import { damaged } from './encoding';
import { patternsOf, regexOf } from './scope-pattern';

const NAME = 'quantization recipes';

const tensorConfig = z.looseObject({
  num_bits: z.number().int(),
  symmetric: z.boolean().default(true),
  granularity: z.string().default('TENSORWISE'),
  dtype: z.string().default('INT'),
  block_size: z.number().optional(),
});
type TensorConfig = z.infer<typeof tensorConfig>;
const entry = z.looseObject({
  regex: z.string().max(2000),
  operation: z.string(),
  algorithm_key: z.string(),
  op_config: z
    .looseObject({
      activation_tensor_config: tensorConfig.nullish(),
      weight_tensor_config: tensorConfig.nullish(),
      compute_precision: z.string().optional(),
      min_weight_elements: z.number().default(0),
    })
    .optional(),
});
type Entry = z.infer<typeof entry>;
const schema = z.array(entry).max(1000);

const ALL = '*';

/** Operations of the recipe that have a kind of their own here. */
const KINDS = new Map<string, OpKind>([
  ['FULLY_CONNECTED', 'fullyConnected'],
  ['BATCH_MATMUL', 'batchMatMul'],
  ['DEPTHWISE_CONV_2D', 'depthwiseConv2d'],
  ['CONV_2D', 'conv2d'],
  ['CONV_2D_TRANSPOSE', 'transposeConv2d'],
  ['AVERAGE_POOL_2D', 'averagePool2d'],
  ['MAX_POOL_2D', 'maxPool2d'],
  ['RESHAPE', 'reshape'],
  ['SOFTMAX', 'softmax'],
  ['TANH', 'tanh'],
  ['TRANSPOSE', 'transpose'],
  ['GELU', 'gelu'],
  ['ADD', 'add'],
  ['SUB', 'sub'],
  ['MUL', 'mul'],
  ['DIV', 'div'],
  ['MEAN', 'mean'],
  ['SUM', 'sum'],
  ['RSQRT', 'rsqrt'],
  ['SQRT', 'sqrt'],
  ['CONCATENATION', 'concat'],
  ['STRIDED_SLICE', 'stridedSlice'],
  ['SPLIT', 'split'],
  ['LOGISTIC', 'sigmoid'],
  ['SLICE', 'slice'],
  ['SELECT', 'select'],
  ['SELECT_V2', 'select'],
  ['PAD', 'pad'],
  ['PADV2', 'pad'],
  ['MIRROR_PAD', 'mirrorPad'],
  ['SQUARED_DIFFERENCE', 'squaredDifference'],
  ['RESIZE_BILINEAR', 'resizeBilinear'],
  ['RESIZE_NEAREST_NEIGHBOR', 'resizeNearest'],
  ['GATHER', 'gather'],
  ['GATHER_ND', 'gatherNd'],
  ['PACK', 'pack'],
  ['UNPACK', 'unpack'],
  ['BROADCAST_TO', 'broadcastTo'],
  ['HARD_SWISH', 'hardSwish'],
  ['MAXIMUM', 'maximum'],
  ['REDUCE_MIN', 'reduceMin'],
  ['EQUAL', 'equal'],
  ['NOT_EQUAL', 'notEqual'],
  ['SPACE_TO_DEPTH', 'spaceToDepth'],
  ['RELU', 'relu'],
]);

/** Algorithms that find ranges, and the estimator that finds them the same way. */
const ESTIMATORS = new Map([
  ['min_max_uniform_quantize', 'minmax'],
  ['MSE', 'mse'],
  ['float_casting', 'minmax'],
]);

const GRANULARITIES = new Map<string, Granularity>([
  ['TENSORWISE', 'tensor'],
  ['CHANNELWISE', 'channel'],
  ['BLOCKWISE_32', 'block'],
]);

export interface ReadRecipe {
  /** What the recipe's operators are named by in ours: rules in the order of the entries. */
  readonly rules: readonly LayerRule[];
  /** What of it has no counterpart, in words. */
  readonly left: readonly string[];
}

export function isRecipe(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && schema.safeParse(value.slice(0, 1)).success;
}

/**
 * What no entry is about stays in float, as the recipe's own tool leaves it. Letters of names match in either case.
 * @throws RangefinderError 'corrupt-file'; 'unsupported-feature' for an expression or format that has no counterpart
 */
export function readRecipe(value: unknown): ReadRecipe {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw damaged(NAME, 'an entry lacks a regex, an operation or an algorithm_key');
  const left = new Set<string>();
  const rules: LayerRule[] = [];
  if (!coversAll(parsed.data[0])) rules.push({ name: ALL, override: { keepFloat: true } });
  for (const one of parsed.data) {
    const kind = KINDS.get(one.operation);
    if (one.operation !== ALL && !kind) {
      left.add(`entries about ${one.operation}`);
      continue;
    }
    const override = overrideOf(one, left);
    if (!override) continue;
    // What nothing kept in float needs no taking back: that would quantize also what is better left in float.
    const takesBack = !override.keepFloat && rules.some((rule) => rule.override.keepFloat);
    const whole = takesBack ? { ...override, keepFloat: false } : override;
    for (const name of patternsOf(one.regex)) rules.push({ name, ...(kind && { kind }), override: whole });
  }
  return { rules, left: [...left] };
}

const coversAll = (one: Entry | undefined) =>
  one?.regex === '.*' && one.operation === ALL && one.algorithm_key !== 'no_quantize';

/** All that an entry says, so that nothing of an earlier one is left; undefined where ours cannot say it. */
function overrideOf(
  { algorithm_key: algorithm, op_config: config }: Entry,
  left: Set<string>,
): LayerOverride | undefined {
  if (algorithm === 'no_quantize') return { keepFloat: true };
  const estimator = ESTIMATORS.get(algorithm);
  if (estimator === undefined) left.add(`the algorithm ${algorithm}: minmax finds the ranges of weights`);
  const {
    activation_tensor_config: activations,
    weight_tensor_config: weights,
    min_weight_elements: least = 0,
  } = config ?? {};
  if (least > 0) left.add(`min_weight_elements ${least}: small weights are quantized, too`);
  if (!weights && !activations) {
    left.add('entries without a configuration of weights or activations');
    return undefined;
  }
  if (!activations) left.add('activations in float: choose the form dynamic-range or weight-only-int8 for that');
  return {
    ...(weights && { weightFormat: formatIn(weights), granularity: granularityIn(weights) }),
    weightEstimator: { id: estimator ?? 'minmax', params: {} },
    ...(activations && { activationFormat: formatIn(activations) }),
  };
}

function unsupported(what: string): RangefinderError {
  return new RangefinderError({
    code: 'unsupported-feature',
    message: `The recipe asks for ${what}, which has no counterpart here.`,
    hint: 'Change that entry, or choose these layers with --rule.',
  });
}

function formatIn({ num_bits: bits, dtype }: TensorConfig): string {
  const id = `${dtype === 'FLOAT' ? 'float' : 'int'}${bits}`;
  if (dtype !== 'UINT' && formatOf(id)) return id;
  throw unsupported(`${dtype} of ${bits} bits`);
}

function granularityIn({ granularity, block_size: block = 0 }: TensorConfig): Granularity {
  const named = block > 0 ? `BLOCKWISE_${block}` : granularity;
  const found = GRANULARITIES.get(named);
  if (found) return found;
  throw unsupported(`scales ${named}`);
}

export interface WrittenRecipe {
  /** Plain data for JSON. */
  readonly recipe: readonly Entry[];
  readonly left: readonly string[];
}

/** An entry for all operators, and one for each layer that is chosen otherwise. */
export function writeRecipe(settings: QuantSettings, targets: readonly RuleTarget[]): WrittenRecipe {
  const left = new Set<string>();
  const base: LayerOverride = {
    weightFormat: settings.weights.format ?? 'int8',
    activationFormat: settings.activations.format ?? 'int8',
    granularity: settings.weights.granularity,
    weightEstimator: settings.weights.estimator,
  };
  const ruled = ruledLayers(settings.rules ?? [], targets);
  const recipe = [entryOf('.*', base, left)];
  for (const { id, name, kind } of targets) {
    const own = { ...lookup(ruled, id), ...lookup(settings.layers, id) };
    if (kind === 'input' || Object.keys(own).length === 0) continue;
    recipe.push(entryOf(regexOf(name), { ...base, ...own }, left));
  }
  if (Object.keys(settings.tensors).length > 0) left.add('ranges and formats of single tensors');
  if (settings.algorithms?.length) left.add('algorithms that change the model');
  return { recipe, left: [...left] };
}

function entryOf(regex: string, override: LayerOverride, left: Set<string>): Entry {
  const { keepFloat, weightFormat = 'int8', activationFormat = 'int8', granularity, weightEstimator } = override;
  if (keepFloat) return { regex, operation: ALL, algorithm_key: 'no_quantize' };
  if (override.activationRange ?? override.weightRange ?? override.activationEstimator)
    left.add('ranges and estimators of single layers');
  const algorithm = [...ESTIMATORS].find(([, id]) => id === weightEstimator?.id)?.[0];
  if (!algorithm) left.add(`the estimator ${weightEstimator?.id}: minimum and maximum stand for it`);
  const named = [...GRANULARITIES].find(([, id]) => id === granularity)?.[0] ?? 'CHANNELWISE';
  return {
    regex,
    operation: ALL,
    algorithm_key: algorithm ?? 'min_max_uniform_quantize',
    op_config: {
      activation_tensor_config: configOf(activationFormat, activationFormat === 'int16', 'TENSORWISE'),
      weight_tensor_config: configOf(weightFormat, true, named),
      compute_precision: 'INTEGER',
      explicit_dequantize: false,
      skip_checks: false,
      min_weight_elements: 0,
    },
  };
}

/** @throws RangefinderError 'unsupported-feature' for formats that no recipe names */
function configOf(format: string, symmetric: boolean, granularity: string): TensorConfig {
  const [, bits] = /^int(\d+)$/.exec(format) ?? [];
  if (bits === undefined) throw unsupported(`the format ${format} in a recipe`);
  return { num_bits: Number(bits), symmetric, granularity, dtype: 'INT' };
}
