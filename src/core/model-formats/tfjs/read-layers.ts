import { RangefinderError } from '../../../base/errors';
import type { SourceFile } from '../../data/types';
import type { Graph } from '../../graph/graph';
import { parseModelConfig } from '../keras/config';
import { configToGraph } from '../keras/config-to-graph';
import type { InputSizes } from '../open-sizes';
import { findModelJson, isGraphModel, parseModelJson, producerOf } from './model-json';
import { openShards } from './weights';

/**
 * Reads a TensorFlow.js LayersModel from its model.json, found by content among the files, and its weight shards, found
 * by name in any folder. Throws 'unknown-format', 'missing-file' listing all missing shards, 'corrupt-file',
 * 'unsupported-op' listing all layers that cannot be modelled, 'unsupported-feature' (GraphModels among others).
 */
export async function readTfjsLayers(files: readonly SourceFile[], sizes: InputSizes = {}): Promise<Graph> {
  const { file, json } = findModelJson(files);
  const model = parseModelJson(json, file);
  if (isGraphModel(model))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `"${file.path}" is a TensorFlow.js GraphModel, not a LayersModel.`,
      where: file.path,
    });
  const topology = model.modelTopology;
  const config = parseModelConfig(topology.model_config ?? topology);
  const weights = openShards(model.weightsManifest, files, file.path);
  const producer = producerOf(model);
  return configToGraph({
    model: config,
    weights: weights.source,
    sizes,
    dialect: { framework: 'tfjs', major: 2 },
    provenance: {
      format: 'tfjs-layers',
      fileName: file.path,
      fileBytes: file.bytes.length + weights.bytes,
      ...(producer && { producer }),
      metadata: {},
      notes: weights.notes,
    },
  });
}
