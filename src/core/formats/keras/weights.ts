import { RangefinderError } from '../../errors';

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
  const layer = path[path.length - 1]!;
  const scopes = arrays.map((array) => nameParts(array.name).slice(0, -1));
  const prefixed = arrays.filter((_, i) => path.every((part, at) => scopes[i]![at] === part));
  return prefixed.length ? prefixed : arrays.filter((_, i) => scopes[i]!.includes(layer));
}

/**
 * Finds the weights a layer expects: by their names, or, for files that renamed them, by position, since Keras always
 * stores them in one order. Throws 'corrupt-file' listing what is there when neither fits.
 */
export function matchWeights(
  layer: string,
  expected: readonly string[],
  found: readonly NamedArray[],
): Map<string, NamedArray> {
  const byName = new Map(found.map((array) => [nameParts(array.name).at(-1)!, array]));
  if (expected.every((name) => byName.has(name))) return new Map(expected.map((name) => [name, byName.get(name)!]));
  if (found.length === expected.length) return new Map(expected.map((name, i) => [name, found[i]!]));
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
