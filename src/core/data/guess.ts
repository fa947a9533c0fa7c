/**
 * Which preprocessing a model most likely wants. Shapes decide resizing and channels; the range of values is a guess from
 * what the model shows, to be put to the test on samples: `candidatePipelines` lists what is worth trying, a job scores each
 * with the float model, choose.ts decides.
 */
import { consumers, isConstant, tensorOf, type Graph, type InputNormalization, type TensorId } from '../graph/graph';
import { audioCandidates } from './audio/guess';
import { imageShape, modelInputShape } from './model-input';
import type { Preprocessing, PreprocessStep, RawSample } from './types';

export interface Candidate {
  /** 'declared', 'raw', 'unit', 'signed', 'imagenet' or 'as-is'. */
  readonly id: string;
  /** For people: "0 … 1". */
  readonly label: string;
  readonly pipeline: Preprocessing;
}

export interface Guess {
  readonly id: string;
  readonly pipeline: Preprocessing;
  /** Why, as a sentence. */
  readonly reason: string;
}

interface ValueRange {
  readonly id: string;
  readonly label: string;
  /** From values in 0..1, by way of the factor that brings the data there. */
  readonly steps: (toUnit: number) => readonly PreprocessStep[];
  readonly colorOnly?: true;
}

const RANGES: readonly ValueRange[] = [
  { id: 'raw', label: 'raw 0 … 255', steps: (toUnit) => scale(255 * toUnit, 0) },
  { id: 'unit', label: '0 … 1', steps: (toUnit) => scale(toUnit, 0) },
  { id: 'signed', label: '−1 … 1', steps: (toUnit) => scale(2 * toUnit, -1) },
  {
    id: 'imagenet',
    label: 'ImageNet mean and deviation',
    steps: (toUnit) => [
      ...scale(toUnit, 0),
      { kind: 'normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ],
    colorOnly: true,
  },
];

function scale(factor: number, offset: number): PreprocessStep[] {
  return factor === 1 && offset === 0 ? [] : [{ kind: 'scale', scale: factor, offset }];
}

/** Families that are trained on x/127.5 − 1 and do not scale by themselves. */
const SIGNED_FAMILIES = /mobilenet|inception|xception|nasnet/i;

/**
 * The pipeline without a trial. `firstSamples`: a few raw ones, of which shapes and values are looked at.
 * @param graph as the file has it, or normalized.
 */
export function guessPreprocessing(graph: Graph, firstSamples: readonly RawSample[]): Guess {
  if (areRecordings(firstSamples)) {
    const [likely] = audioCandidates(modelInputShape(graph), firstSamples);
    return { ...likely, reason: `The input looks like ${likely.label}.` };
  }
  const declared = graph.provenance.inputNormalization;
  const candidates = candidatePipelines(modelInputShape(graph), firstSamples, takesWholeNumbers(graph), declared);
  const [only] = candidates;
  if (takesWholeNumbers(graph)) return { ...only, reason: 'The model takes whole numbers, which are not scaled.' };
  const pick = (id: string, reason: string): Guess => {
    const { pipeline } = candidates.find((candidate) => candidate.id === id) ?? only;
    return { id, pipeline, reason };
  };
  if (only.id === 'as-is') return pick('as-is', 'The data is taken as prepared: it is not in the range of pixels.');
  if (only.id === 'declared') return pick('declared', `The model's own metadata asks for ${only.label}.`);
  if (!isBytes(firstSamples)) return pick('unit', 'The data holds floats in 0 … 1 already.');
  const { id, reason } = guessValueRange(graph);
  return pick(id, reason);
}

/** The range of pixel values the model itself points to. */
export function guessValueRange(graph: Graph): { id: string; low: number; high: number; reason: string } {
  const scaling = ownScaling(graph);
  if (scaling) return { id: 'raw', low: 0, high: 255, reason: `The model scales its input itself (${scaling}).` };
  const name = [graph.name, graph.provenance.fileName].find((text) => SIGNED_FAMILIES.test(text));
  if (name) return { id: 'signed', low: -1, high: 1, reason: `"${name}" is of a family that is trained on −1 … 1.` };
  return { id: 'unit', low: 0, high: 1, reason: 'Most models are trained on 0 … 1.' };
}

/** Whether some input is of whole numbers: words, positions, masks. */
export function takesWholeNumbers(graph: Graph): boolean {
  return graph.inputs.some((id) => ['int32', 'int64', 'bool'].includes(tensorOf(graph, id).dtype));
}

/**
 * Pipelines worth a trial; the one that the model's metadata declares, if any, comes first. Data that is no picture, or whose values are neither bytes nor 0..1, has one candidate: as it is.
 */
export function candidatePipelines(
  inputShape: readonly number[],
  firstSamples: readonly RawSample[],
  whole = false,
  declared?: InputNormalization,
): Candidate[] {
  if (areRecordings(firstSamples)) return audioCandidates(inputShape, firstSamples);
  const before = fitLayout(inputShape, firstSamples);
  const after = fitShape(inputShape, before.shape);
  const arePixels = before.isImage || imageShape(inputShape) !== undefined;
  const toUnit = whole ? undefined : factorToUnit(arePixels, firstSamples);
  if (toUnit === undefined) return [{ id: 'as-is', label: 'as they are', pipeline: [...before.steps, ...after] }];
  const channels = before.shape.at(-1) ?? 1;
  const own = declared && declaredRange(declared, channels);
  const ownSteps = JSON.stringify(own?.steps(toUnit));
  const others = RANGES.filter(({ colorOnly }) => channels === 3 || !colorOnly).filter(
    ({ steps }) => JSON.stringify(steps(toUnit)) !== ownSteps,
  );
  return [...(own ? [own] : []), ...others].map(({ id, label, steps }) => ({
    id,
    label,
    pipeline: [...before.steps, ...steps(toUnit), ...after],
  }));
}

const areRecordings = (samples: readonly RawSample[]) => samples[0]?.rate !== undefined;

/** What a file declares as a range of values; undefined where its numbers are not of this many channels. */
function declaredRange({ mean, std }: InputNormalization, channels: number): ValueRange | undefined {
  if ([mean, std].some(({ length }) => length !== 1 && length !== channels)) return undefined;
  const words = (values: readonly number[]) => values.map((v) => Number(v.toPrecision(4))).join(', ');
  const byChannel = (values: readonly number[]) => Array.from({ length: channels }, (_, i) => values[i] ?? values[0]);
  return {
    id: 'declared',
    label: `bytes − ${words(mean)}, divided by ${words(std)}`,
    steps: (toUnit) =>
      mean.length === 1 && std.length === 1
        ? scale((255 * toUnit) / std[0], -mean[0] / std[0])
        : [...scale(255 * toUnit, 0), { kind: 'normalize', mean: byChannel(mean), std: byChannel(std) }],
  };
}

/** The same pipeline with red and blue exchanged, to find out whether a colour model was trained on BGR. */
export function withColorsSwapped(pipeline: Preprocessing): Preprocessing {
  const at = pipeline.findIndex(({ kind }) => kind === 'channels');
  const order = at >= 0 && (pipeline[at] as { order: string }).order === 'bgr' ? 'rgb' : 'bgr';
  if (at >= 0) return pipeline.map((step, i) => (i === at ? { kind: 'channels', order } : step));
  const values = pipeline.findIndex(({ kind }) => kind !== 'resize' && kind !== 'layout');
  const place = values < 0 ? pipeline.length : values;
  return [...pipeline.slice(0, place), { kind: 'channels', order }, ...pipeline.slice(place)];
}

/** Steps that bring a picture to the model's height, width and channels, and the shape that results. */
function fitLayout(
  inputShape: readonly number[],
  samples: readonly RawSample[],
): { steps: PreprocessStep[]; shape: readonly number[]; isImage: boolean } {
  const target = imageShape(inputShape);
  const steps: PreprocessStep[] = [];
  let [shape] = samples.map((sample) => sample.shape);
  const isPlanar = shape.length === 3 && (shape[0] === 1 || shape[0] === 3) && shape[1] >= 8 && shape[2] >= 8;
  if (isPlanar) {
    steps.push({ kind: 'layout', from: 'chw' });
    shape = [shape[1], shape[2], shape[0]];
  }
  const [height, width, channels = 1] = shape;
  const isImage =
    (shape.length === 2 || shape.length === 3) && height >= 8 && width >= 8 && [1, 3, 4].includes(channels);
  if (!isImage) return { steps: isPlanar ? [] : steps, shape: samples[0].shape, isImage };
  if (!target) return { steps, shape, isImage };
  const mixed = samples.some((sample) => sample.shape.join() !== samples[0].shape.join());
  if (mixed || height !== target.height || width !== target.width)
    steps.push({ kind: 'resize', height: target.height, width: target.width, method: 'bilinear', fit: 'stretch' });
  // Folders of colour photographs hold grey ones too: said even where the first samples need no change.
  const maybeMixed = target.channels === 3 && samples[0].values instanceof Uint8Array;
  if (maybeMixed || channels !== target.channels)
    steps.push({ kind: 'channels', order: target.channels === 1 ? 'gray' : 'rgb' });
  return { steps, shape: [target.height, target.width, target.channels], isImage };
}

/** A reshape where counts agree and shapes, dimensions of one aside, do not; maps of channels are turned, not cut anew. */
function fitShape(inputShape: readonly number[], shape: readonly number[]): PreprocessStep[] {
  const [channels, height, width] = shape;
  if (
    shape.length === 3 &&
    inputShape.join() === [height, width, channels].join() &&
    inputShape.join() !== shape.join()
  )
    return [{ kind: 'layout', from: 'chw' }];
  const essential = (dims: readonly number[]) => dims.filter((d) => d !== 1).join();
  const count = (dims: readonly number[]) => dims.reduce((n, d) => n * d, 1);
  const fits = essential(shape) === essential(inputShape) || count(shape) !== count(inputShape);
  return fits ? [] : [{ kind: 'reshape', shape: inputShape }];
}

function isBytes(samples: readonly RawSample[]): boolean {
  return samples.some(({ values }) => values instanceof Uint8Array) || greatest(samples) > 2;
}

/** The factor to 0..1 of pixels: bytes, floats in 0..255 or in 0..1. Undefined for other values. */
function factorToUnit(arePixels: boolean, samples: readonly RawSample[]): number | undefined {
  if (samples.every(({ values }) => values instanceof Uint8Array)) return 1 / 255;
  if (!arePixels) return undefined;
  const max = greatest(samples);
  const isNegative = samples.some(({ values }) => values.some((value) => value < 0));
  if (isNegative || !(max > 0.5 && max <= 255)) return undefined;
  if (max <= 1) return 1;
  return max > 2 ? 1 / 255 : undefined;
}

function greatest(samples: readonly RawSample[]): number {
  let max = -Infinity;
  for (const { values } of samples) for (const value of values) if (value > max) max = value;
  return max;
}

/** In words, how the first op brings bytes to a small range: a rescaling layer, or a normalization of the input. */
function ownScaling(graph: Graph): string | undefined {
  const [input] = graph.inputs;
  const [op, ...others] = consumers(graph).get(input) ?? [];
  if (!op || others.length > 0) return undefined;
  const operand = (id: TensorId | null) =>
    id !== null && isConstant(graph, id) ? tensorOf(graph, id).data : undefined;
  const magnitude = (data: ArrayLike<number>) => Math.max(...Array.from(data, Math.abs));
  const values = op.inputs.map(operand).find((data) => data !== undefined);
  if (!values || values instanceof BigInt64Array || values.length > 16) return undefined;
  if (op.kind === 'mul' && magnitude(values) < 0.05) return `×${magnitude(values).toPrecision(3)} in ${op.sourceName}`;
  const shifts = (op.kind === 'sub' || op.kind === 'add') && magnitude(values) > 50;
  if (shifts) return `${op.kind === 'sub' ? '−' : '+'}${magnitude(values).toPrecision(4)} in ${op.sourceName}`;
  if (op.kind !== 'batchNorm') return undefined;
  const mean = operand(op.inputs[3]);
  return mean && !(mean instanceof BigInt64Array) && magnitude(mean) > 20
    ? `its mean is ${magnitude(mean).toPrecision(4)} in ${op.sourceName}`
    : undefined;
}
