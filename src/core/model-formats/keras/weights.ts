import { RangefinderError } from '../../../base/errors';

/** One weight of a file. `read` decodes it; shapes are known before, so that nothing unexpected is allocated. */
export interface NamedArray {
  /** As in the file: "conv2d/kernel:0", "block/conv/kernel". */
  readonly name: string;
  readonly shape: readonly number[];
  read(): Float32Array;
}

/** Where the weights come from: an HDF5 file, a TensorFlow.js manifest. */
export interface WeightSource {
  /** Weights of a layer in the file's order; `path` names the models around it first. Empty if there are none. */
  layer(path: readonly string[]): readonly NamedArray[];
}

/** "a/b/kernel:0" → ["a", "b", "kernel"]. */
export function nameParts(name: string): string[] {
  return name.replace(/:\d+$/, '').split('/').filter(Boolean);
}

/** Those of `arrays` that belong to the layer: by full path if the file writes one, else by the layer's own name. */
export function ofLayer(arrays: readonly NamedArray[], path: readonly string[]): NamedArray[] {
  const layer = path[path.length - 1];
  const scopes = arrays.map((array) => nameParts(array.name).slice(0, -1));
  const prefixed = arrays.filter((_, i) => path.every((part, at) => scopes[i][at] === part));
  return prefixed.length ? prefixed : arrays.filter((_, i) => scopes[i].includes(layer));
}

/** "query|query_dense/kernel": the weight "kernel" of a sub-layer that goes by either name, or is named after one. */
interface Expected {
  readonly scopes: readonly string[];
  readonly name: string;
}

function parse(expected: string): Expected {
  const slash = expected.lastIndexOf('/');
  return { scopes: slash < 0 ? [] : expected.slice(0, slash).split('|'), name: expected.slice(slash + 1) };
}

function inScope({ scopes }: Expected, array: NamedArray): boolean {
  const parts = nameParts(array.name).slice(0, -1);
  const fits = (part: string, scope: string) => part === scope || part.startsWith(`${scope}_`);
  return scopes.length === 0 || scopes.some((scope) => parts.some((part) => fits(part.replace(/^_/, ''), scope)));
}

/** By name within each sub-layer; undefined where one is not there. */
function byName(expected: readonly string[], found: readonly NamedArray[]): NamedArray[] | undefined {
  const arrays = expected.map((text) => {
    const weight = parse(text);
    return found.findLast((array) => nameParts(array.name).at(-1) === weight.name && inScope(weight, array));
  });
  return arrays.every((array) => array !== undefined) ? arrays : undefined;
}

/** By position within each sub-layer. */
function byPosition(expected: readonly string[], found: readonly NamedArray[]): NamedArray[] | undefined {
  if (expected.length !== found.length) return undefined;
  const taken = new Set<NamedArray>();
  const arrays = expected.map((text) => {
    const array = found.find((candidate) => !taken.has(candidate) && inScope(parse(text), candidate));
    if (array) taken.add(array);
    return array;
  });
  return arrays.every((array) => array !== undefined) ? arrays : undefined;
}

/**
 * Finds the weights a layer expects: by their names, or, for files that renamed or only numbered them, by position, since
 * Keras always stores them in one order. A name may say the sub-layer before a slash ("query/kernel"). Throws
 * 'corrupt-file' listing what is there when neither fits.
 */
export function matchWeights(
  layer: string,
  expected: readonly string[],
  found: readonly NamedArray[],
): Map<string, NamedArray> {
  const arrays = byName(expected, found) ?? byPosition(expected, found);
  if (arrays) return new Map(expected.map((name, i) => [name, arrays[i]]));
  throw new RangefinderError({
    code: 'corrupt-file',
    message: found.length
      ? `The file holds ${found.length} weights for layer "${layer}", which needs ${expected.length}.`
      : `The file holds no weights for layer "${layer}".`,
    where: layer,
    hint: 'Save architecture and weights together again, from the same model.',
    details: [
      `needed: ${expected.join(', ')}`,
      `found: ${found.map((a) => `${a.name} [${a.shape.join(', ')}]`).join(', ') || 'none'}`,
    ],
  });
}
