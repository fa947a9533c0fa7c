/**
 * Weights as `.keras` archives keep them (keras.src.saving.saving_lib): a group for each layer, its variables numbered.
 * Up to Keras 3.7 a layer's group is told by its class and how many of that class came before; since then it also says
 * the layer's name.
 */
import type { Hdf5Group } from '../hdf5/file';
import { arrayAt } from './h5-array';
import type { ModelConfig } from './config';
import { textAttribute } from './h5-file';
import type { NamedArray, WeightSource } from './weights';

/** Attributes of a model under which its layers are saved: of Keras 3, of Keras 2.12 to 2.15. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'];

/** Sub-layers within sub-layers; real ones stay below four. */
const DEEPEST = 8;

export function archiveWeights(root: Hdf5Group, model: ModelConfig): WeightSource {
  return { layer: (path) => arraysAt(root, model, path) };
}

function arraysAt(parent: Hdf5Group, model: ModelConfig, [name, ...rest]: readonly string[]): NamedArray[] {
  const at = model.layers.findIndex((layer) => layer.name === name);
  const layer = model.layers[at];
  if (!layer) return [];
  const group = groupOf(parent, model, at);
  if (!group) return [];
  if (rest.length > 0 && layer.model) return arraysAt(group, layer.model, rest);
  return collect(group, '', 0);
}

function groupOf(parent: Hdf5Group, model: ModelConfig, at: number): Hdf5Group | undefined {
  const { className, name } = model.layers[at];
  const earlier = model.layers.slice(0, at).filter((layer) => layer.className === className).length;
  const counted = `${snakeCase(className)}${earlier ? `_${earlier}` : ''}`;
  for (const container of CONTAINERS) {
    const layers = parent.group(container);
    if (!layers) continue;
    const named = layers.keys().find((key) => nameOf(layers, key) === name);
    const group = layers.group(named ?? counted);
    if (group) return group;
  }
  return undefined;
}

function nameOf(layers: Hdf5Group, key: string): string | undefined {
  const vars = layers.group(`${key}/vars`);
  return vars && textAttribute(vars, 'name');
}

/** Variables of a layer and of its sub-layers, named "query_dense/0". */
function collect(group: Hdf5Group, path: string, depth: number): NamedArray[] {
  const arrays: NamedArray[] = [];
  const keys = group.keys();
  const count = group.group('vars')?.keys().length ?? 0;
  for (let n = 0; n < count; n++) arrays.push(arrayAt(group, `vars/${n}`, `${path}${n}`));
  if (depth === DEEPEST) return arrays;
  for (const key of keys) {
    const inner = key === 'vars' ? undefined : group.group(key);
    if (inner) arrays.push(...collect(inner, `${path}${key}/`, depth + 1));
  }
  return arrays;
}

/** As Keras makes it: "Conv2DTranspose" → "conv2d_transpose". */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
