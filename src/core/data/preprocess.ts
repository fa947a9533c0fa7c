/**
 * A pipeline compiled for the shapes it meets: index tables and per-channel factors are computed once, value steps that
 * follow each other are merged into one pass, and bytes go through a table of 256 floats.
 */
import { RangefinderError } from '../../base/errors';
import { elementCount } from '../graph/graph';
import { compileAudioStep } from './audio/front-end';
import { compileResize } from './resize';
import type { Preprocessing, PreprocessStep, RawSample } from './types';

type Values = Uint8Array | Float32Array;

/** What a step does to samples of one shape. */
interface Stage {
  readonly shape: readonly number[];
  /** Samples a second from here on, where a step changes it. */
  readonly rate?: number;
  /** Moves values; absent where the step only renames dimensions. */
  readonly apply?: (values: Values) => Values;
  /** x · scale + offset with one factor, or one per channel (last dimension). */
  readonly affine?: Affine;
}

interface Affine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

type StepOf<K extends PreprocessStep['kind']> = Extract<PreprocessStep, { kind: K }>;
type Compile<K extends PreprocessStep['kind']> = (step: StepOf<K>, shape: readonly number[], rate?: number) => Stage;

const STEPS: { readonly [K in PreprocessStep['kind']]: Compile<K> } = {
  resize: (step, shape) => {
    const [height, width, channels] = imageDimensions(shape);
    for (const size of [step.height, step.width])
      if (!Number.isInteger(size) || size < 1 || size > 8192)
        throw setting(`a size of ${step.height}×${step.width} is not possible`, 'Give whole numbers from 1 to 8192.');
    const resized = [step.height, step.width, ...shape.slice(2)];
    if (height === step.height && width === step.width) return { shape: resized };
    return { shape: resized, apply: compileResize(height, width, channels, step) };
  },
  layout: (_, shape) => {
    if (shape.length !== 3) throw mismatch(`a sample of ${sized(shape)} has no three dimensions to reorder`);
    const [channels, height, width] = shape;
    return {
      shape: [height, width, channels],
      apply: (values) => channelsLast(values, channels, height * width),
    };
  },
  channels: ({ order }, shape) => {
    const [height, width, channels] = imageDimensions(shape);
    const apply = channelChange(channels, order);
    return { shape: [height, width, order === 'gray' ? 1 : 3], ...(apply && { apply }) };
  },
  scale: ({ scale, offset }, shape) => {
    if (!Number.isFinite(scale) || !Number.isFinite(offset))
      throw setting(`scale ${scale} and offset ${offset} are not both numbers`, 'Give two finite numbers.');
    return { shape, affine: { scale: [scale], offset: [offset] } };
  },
  normalize: ({ mean, std }, shape) => {
    const channels = shape.at(-1) ?? 1;
    for (const list of [mean, std])
      if (list.length !== 1 && list.length !== channels)
        throw mismatch(`${list.length} values do not fit ${channels} channels`, 'Give one value, or one per channel.');
    if (![...mean, ...std].every(Number.isFinite) || std.includes(0))
      throw setting(
        `mean ${mean.join(', ')} and std ${std.join(', ')} cannot be used`,
        'Give finite numbers, std not 0.',
      );
    const perChannel = Math.max(mean.length, std.length);
    const at = (list: readonly number[], c: number) => list[list.length === 1 ? 0 : c];
    return {
      shape,
      affine: {
        scale: Array.from({ length: perChannel }, (_, c) => 1 / at(std, c)),
        offset: Array.from({ length: perChannel }, (_, c) => -at(mean, c) / at(std, c)),
      },
    };
  },
  reshape: ({ shape: target }, shape) => {
    if (elementCount(target) !== elementCount(shape))
      throw mismatch(`${sized(shape)} are ${elementCount(shape)} values and cannot become ${sized(target)}`);
    return { shape: target };
  },
  waveform: compileAudioStep,
  spectrogram: compileAudioStep,
  mel: compileAudioStep,
  log: compileAudioStep,
  dct: compileAudioStep,
  transpose: compileAudioStep,
};

/**
 * Compiles `pipeline` for samples of `rawShape`, which is checked at once; samples of other shapes (images of mixed sizes)
 * are compiled for when they come.
 * @param inputShape the model input's, without the batch.
 * @returns a function from a raw sample to float32 values in the model's order. An empty pipeline returns the sample's own
 *   values: callers must not write to them.
 * @throws RangefinderError 'invalid-data' where shapes cannot match, 'invalid-settings' where a step's numbers are unusable.
 */
export function compilePreprocessing(
  pipeline: Preprocessing,
  rawShape: readonly number[],
  inputShape: readonly number[],
): (sample: RawSample) => Float32Array {
  const compiled = new Map<string, (values: Values) => Float32Array>();
  const forShape = (shape: readonly number[], rate?: number) => {
    const key = `${shape.join()} ${rate}`;
    let run = compiled.get(key);
    if (!run) compiled.set(key, (run = compileFor(pipeline, { shape, rate }, inputShape)));
    return run;
  };
  forShape(rawShape);
  return (sample) => forShape(sample.shape, sample.rate)(sample.values);
}

function compileFor(
  pipeline: Preprocessing,
  raw: { readonly shape: readonly number[]; readonly rate: number | undefined },
  inputShape: readonly number[],
): (values: Values) => Float32Array {
  const passes: ((values: Values) => Values)[] = [];
  let pending: Affine | undefined;
  const flush = () => {
    if (pending) passes.push(affinePass(pending));
    pending = undefined;
  };
  let { shape, rate } = raw;
  pipeline.forEach((step, i) => {
    const stage = compileStep(step, { shape, rate }, i);
    if (stage.apply) {
      flush();
      passes.push(stage.apply);
    } else if (stage.shape.at(-1) !== shape.at(-1)) flush(); // per-channel factors belong to the old last dimension
    if (stage.affine) pending = pending ? compose(pending, stage.affine) : stage.affine;
    shape = stage.shape;
    rate = stage.rate ?? rate;
  });
  flush();
  checkFit(shape, inputShape, raw.shape);
  return (values) => {
    let current = values;
    for (const pass of passes) current = pass(current);
    return current instanceof Float32Array ? current : Float32Array.from(current);
  };
}

function compileStep<K extends PreprocessStep['kind']>(
  step: StepOf<K>,
  { shape, rate }: { readonly shape: readonly number[]; readonly rate: number | undefined },
  index: number,
): Stage {
  try {
    return (STEPS[step.kind] as Compile<K>)(step, shape, rate);
  } catch (error) {
    if (!(error instanceof RangefinderError)) throw error;
    const { code, message, hint } = error;
    throw new RangefinderError({ code, message, where: `step ${index + 1} of the preprocessing, ${step.kind}`, hint });
  }
}

/** Dimensions of 1 aside, the sample must have the input's shape: equal counts alone would let channels first pass. */
function checkFit(shape: readonly number[], inputShape: readonly number[], rawShape: readonly number[]): void {
  const essential = (dims: readonly number[]) => dims.filter((d) => d !== 1).join('×');
  const target = inputShape.filter((d) => d > 0);
  if (essential(shape) === essential(target)) return;
  const sameCount = elementCount(shape) === elementCount(target);
  throw new RangefinderError({
    code: 'invalid-data',
    message: `A sample of ${sized(rawShape)} is ${sized(shape)} after preprocessing; the model takes ${sized(target)}.`,
    hint: sameCount
      ? 'Add a layout step if the data is channels first, else a reshape step.'
      : 'Add or change a resize or channels step, or choose data that fits the model.',
  });
}

/** [height, width, channels] of an image; a grey one may lack the last. */
function imageDimensions(shape: readonly number[]): [number, number, number] {
  if (shape.length === 2) return [shape[0], shape[1], 1];
  if (shape.length === 3) return [shape[0], shape[1], shape[2]];
  throw mismatch(
    `a sample of ${sized(shape)} is no image`,
    'Remove the step: it is for images, [height, width, channels].',
  );
}

function channelsLast(values: Values, channels: number, pixels: number): Values {
  const out = new (values.constructor as new (length: number) => Values)(values.length);
  for (let c = 0, from = 0; c < channels; c++)
    for (let p = 0, to = c; p < pixels; p++, to += channels) out[to] = values[from++];
  return out;
}

/** Luma of ITU-R BT.601, as JPEG and tf.image.rgb_to_grayscale weigh it. */
const LUMA = [0.299, 0.587, 0.114];

/** Source channel of each output channel; grey is computed. A fourth channel (alpha) is dropped. */
function channelChange(channels: number, order: 'rgb' | 'bgr' | 'gray'): Stage['apply'] {
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw mismatch(`${channels} channels are neither grey nor colour`, 'Remove the channels step.');
  if (order === 'gray') return channels === 1 ? undefined : (values) => luma(values, channels);
  if (channels === 3 && order === 'rgb') return undefined;
  const from = channels === 1 ? [0, 0, 0] : order === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  return (values) => {
    const pixels = values.length / channels;
    const out = new (values.constructor as new (length: number) => Values)(pixels * 3);
    for (let p = 0; p < pixels; p++) for (let c = 0; c < 3; c++) out[3 * p + c] = values[channels * p + from[c]];
    return out;
  };
}

function luma(values: Values, channels: number): Float32Array {
  const out = new Float32Array(values.length / channels);
  for (let p = 0, at = 0; p < out.length; p++, at += channels)
    out[p] = LUMA[0] * values[at] + LUMA[1] * values[at + 1] + LUMA[2] * values[at + 2];
  return out;
}

/** `second` after `first`. */
function compose(first: Affine, second: Affine): Affine {
  const length = Math.max(first.scale.length, second.scale.length);
  const at = (list: readonly number[], c: number) => list[list.length === 1 ? 0 : c];
  return {
    scale: Array.from({ length }, (_, c) => at(first.scale, c) * at(second.scale, c)),
    offset: Array.from({ length }, (_, c) => at(first.offset, c) * at(second.scale, c) + at(second.offset, c)),
  };
}

/** One pass over interleaved channels, computed in double and rounded once. */
function affinePass({ scale, offset }: Affine): (values: Values) => Float32Array {
  const tables = scale.map((s, c) => Float32Array.from({ length: 256 }, (_, byte) => byte * s + offset[c]));
  return (values) => {
    const out = new Float32Array(values.length);
    for (let c = 0; c < scale.length; c++)
      if (values instanceof Uint8Array) lookUp(values, tables[c], c, scale.length, out);
      else scaleFloats(values, scale[c], offset[c], c, scale.length, out);
    return out;
  };
}

// Functions of their own: each loop then sees one type of array, which makes it several times faster.
function lookUp(bytes: Uint8Array, table: Float32Array, first: number, stride: number, out: Float32Array): void {
  for (let i = first; i < bytes.length; i += stride) out[i] = table[bytes[i]];
}

function scaleFloats(
  values: Float32Array,
  scale: number,
  offset: number,
  first: number,
  stride: number,
  out: Float32Array,
): void {
  for (let i = first; i < values.length; i += stride) out[i] = values[i] * scale + offset;
}

const sized = (shape: readonly number[]) => shape.join('×') || 'a single value';

const mismatch = (message: string, hint = 'Change the step, or the ones before it.') =>
  new RangefinderError({ code: 'invalid-data', message: capital(message) + '.', hint });

const setting = (message: string, hint: string) =>
  new RangefinderError({ code: 'invalid-settings', message: capital(message) + '.', hint });

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
