import { RangefinderError } from '../../../base/errors';
import type { Graph } from '../../graph/graph';
import { openHdf5, type Hdf5Group } from '../hdf5/file';
import type { InputSizes } from '../open-sizes';
import { parseJson, parseModelConfig } from './config';
import { configToGraph } from './config-to-graph';
import { arrayAt } from './h5-array';
import { textAttribute, textsAttribute } from './h5-file';
import { ofLayer, type NamedArray, type WeightSource } from './weights';

/**
 * Reads a whole model saved by Keras 2 (or by Keras 3 in the old format) as HDF5. Optimizer state is ignored.
 * Throws 'unknown-format', 'corrupt-file', 'missing-file' (weights without architecture), 'unsupported-op' listing all
 * layers that cannot be modelled, 'unsupported-feature', 'too-large'.
 */
export async function readKerasH5(bytes: Uint8Array, fileName: string, sizes: InputSizes = {}): Promise<Graph> {
  const root = openHdf5(bytes, fileName);
  const saved = textAttribute(root, 'model_config');
  if (saved === undefined) throw withoutArchitecture(root, fileName);
  const version = textAttribute(root, 'keras_version');
  if (version?.startsWith('1.')) throw ofKeras1(version, fileName);
  const model = parseModelConfig(parseJson(saved, fileName));
  const weights = root.group('model_weights');
  if (!weights)
    throw new RangefinderError({
      code: 'missing-file',
      message: `"${fileName}" holds an architecture without weights.`,
      where: fileName,
      hint: 'Save the whole model with model.save("model.h5").',
    });
  const backend = textAttribute(root, 'backend');
  return configToGraph({
    model,
    weights: weightsOf(weights),
    sizes,
    dialect: { framework: 'keras', major: Number.parseInt(version ?? '2', 10) || 2 },
    provenance: {
      format: 'keras-h5',
      fileName,
      fileBytes: bytes.length,
      ...(version && { producer: ['Keras', version, backend].filter(Boolean).join(' ') }),
      metadata: {},
      notes: [],
    },
  });
}

/** Its layers have other names and settings, its kernels possibly Theano's order. */
function ofKeras1(version: string, fileName: string): RangefinderError {
  return new RangefinderError({
    code: 'unsupported-feature',
    message: `"${fileName}" was saved by Keras ${version}; files are read from Keras 2 on.`,
    where: fileName,
    hint: 'Load it with Keras 2.0 to 2.2, which still understand it, and save it again.',
  });
}

function withoutArchitecture(root: Hdf5Group, fileName: string): RangefinderError {
  const keras = textsAttribute(root, 'layer_names') !== undefined || root.group('layers') !== undefined;
  return new RangefinderError(
    keras
      ? {
          code: 'missing-file',
          message: `"${fileName}" holds weights only; the architecture they belong to is not in it.`,
          where: fileName,
          hint: 'Load the weights into their model in Keras and save all of it with model.save("model.h5").',
        }
      : {
          code: 'unknown-format',
          message: `"${fileName}" is an HDF5 file, but not one of Keras: it has no model_config.`,
          where: fileName,
          hint: 'Choose a .h5 file that Keras saved with model.save().',
        },
  );
}

/** Weights sit in a group per outermost layer, in the order of its attribute `weight_names`. */
function weightsOf(root: Hdf5Group): WeightSource {
  const groups = new Map<string, readonly NamedArray[]>();
  const arraysOf = (name: string): readonly NamedArray[] => {
    const group = root.group(name);
    return group ? (textsAttribute(group, 'weight_names') ?? []).map((weight) => arrayAt(group, weight)) : [];
  };
  return {
    layer(path) {
      const outer = path[0];
      const arrays = groups.get(outer) ?? arraysOf(outer);
      groups.set(outer, arrays);
      return path.length === 1 ? arrays : ofLayer(arrays, path);
    },
  };
}
