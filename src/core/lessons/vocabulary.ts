/**
 * Everything a lesson's check can ask of the studio: the whole of the language that lessons are written in. A fact that is
 * not known yet (nothing was measured, the layer does not exist) makes its check neither true nor false but "not yet".
 */
import { CHECKS } from '../diagnosis/table';
import { ALGORITHMS } from '../algorithms/table';
import { TARGETS } from '../targets/table';

export type Value = number | string | boolean;
export type ValueType = 'number' | 'text' | 'truth' | 'any';

export interface Parameter {
  readonly name: string;
  /** The words it may be; absent: any text, such as the name of a layer. */
  readonly oneOf?: readonly string[];
}

export interface Fact {
  readonly parameters: readonly Parameter[];
  readonly type: ValueType;
  /** One sentence for who writes lessons, with the unit. */
  readonly says: string;
}

const layer: Parameter = { name: 'layer' };
const part: Parameter = { name: 'part', oneOf: ['weights', 'activations'] };

const number = (says: string, ...parameters: Parameter[]): Fact => ({ parameters, type: 'number', says });
const text = (says: string, ...parameters: Parameter[]): Fact => ({ parameters, type: 'text', says });
const truth = (says: string, ...parameters: Parameter[]): Fact => ({ parameters, type: 'truth', says });
const any = (says: string, ...parameters: Parameter[]): Fact => ({ parameters, type: 'any', says });

export const FACTS = {
  score: number('The headline score, 0 to 1: of the float model, of the simulation, or of the file as LiteRT ran it.', {
    name: 'of',
    oneOf: ['float', 'simulated', 'file'],
  }),
  outputSqnr: number('SQNR of the model’s output against float, dB.'),
  sqnr: number('SQNR of a layer’s output against float, with all that is quantized before it, dB.', layer),
  ownSqnr: number('SQNR of the rounding and clipping of a layer’s own weights or activations alone, dB.', layer, part),
  bestSqnr: number('The same with the range of least error, dB.', layer, part),
  clippedShare: number('Share of a layer’s values that lie outside its range, 0 to 1.', layer, part),
  rangeTop: number('The largest magnitude that the range of a layer’s weights or activations holds.', layer, part),
  bestTop: number('The largest magnitude in the range of least error.', layer, part),
  largest: number('The largest magnitude among a layer’s weights or activations.', layer, part),
  scale: number('The step between two neighbouring codes (of the first channel, where each has its own).', layer, part),
  zeroPoint: number('The code that stands for 0.', layer, part),
  lowestCode: number('The lowest code that the layer’s activations can have.', layer),
  channelSpread: number('How many times the widest channel of a layer’s weights is as wide as the narrowest.', layer),
  format: text('The number format of a layer’s weights or activations, as "int8".', layer, part),
  estimator: text('The estimator of the model’s weights or activations, as "minmax".', part),
  granularity: text('Who shares a scale of the weights: "tensor", "channel" or "block".'),
  codes: text('"asymmetric" or "symmetric": whether activations have a zero point of their own.'),
  keptFloat: truth('Whether a layer stays in float.', layer),
  algorithm: truth('Whether an algorithm is switched on.', {
    name: 'algorithm',
    oneOf: ALGORITHMS.map(({ id }) => id),
  }),
  finding: truth('Whether the diagnosis of this moment has a finding of this kind.', {
    name: 'finding',
    oneOf: CHECKS.map(({ id }) => id),
  }),
  bytes: number('Size of the file, bytes.'),
  floatBytes: number('Size of the float file, bytes.'),
  verified: truth('Whether the file ran in LiteRT and was compared with the integer reference.'),
  mismatches: number('Values in which LiteRT and the integer reference differ.'),
  targetFindings: number('Errors and warnings that a target has about the file; 0 where it runs there as it is.', {
    name: 'target',
    oneOf: TARGETS.map(({ id }) => id),
  }),
  changed: number('Samples that are answered otherwise than in float.'),
  trained: truth('Whether trained weights are in use.'),
  untrainedScore: number('Score of the same settings without training, 0 to 1.'),
  epochs: number('Epochs of training that are done.'),
  bestEpochScore: number('The best validation score of any epoch of training, 0 to 1.'),
  passedAfter: number('The first epoch whose validation score is at least that of before training; 0 where none was.'),
  fp8Gates: number(
    'Gates of an FP8 multiply-accumulate over those of an INT8 one, with the accumulator of the Cost tab.',
  ),
  accumulator: text('What FP8 products are added up in, on the Cost tab: "fp16" or "fp32".'),
  searched: truth('Whether a search for mixed precision has come to an end.'),
  calibrationSamples: number('Samples that ranges were taken from.'),
  selected: text('The layer that is selected.'),
  view: text('The view in the middle: "layer", "samples", "diagnose", "improve", "mix", "train", "cost" or "runs".'),
  figure: any('A number that the lesson’s own figure shows; each figure lists its own.', { name: 'number' }),
  prediction: any('What was predicted in a step.', { name: 'step' }),
  field: any('What was filled in in this step.', { name: 'field' }),
  recorded: any('What an earlier step wrote down.', { name: 'name' }),
} as const satisfies Readonly<Record<string, Fact>>;

export type FactName = keyof typeof FACTS;

export function factOf(name: string): Fact | undefined {
  return Object.hasOwn(FACTS, name) ? FACTS[name as FactName] : undefined;
}

/** Functions of values, beside the operators. */
export const FUNCTIONS = {
  abs: { arity: 1, says: 'The magnitude of a number.' },
  min: { arity: 2, says: 'The smaller of two numbers.' },
  max: { arity: 2, says: 'The larger of two numbers.' },
  within: { arity: 3, says: 'Whether the first number is off the second by at most the third, a share of the second.' },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** Units that may follow a number, as the factor they stand for. */
export const UNITS: ReadonlyMap<string, number> = new Map([
  ['%', 0.01],
  ['dB', 1],
  ['B', 1],
  ['kB', 1000],
  ['points', 0.01],
]);
