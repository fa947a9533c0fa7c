import { RangefinderError } from '../../errors';
import type { SourceFile } from '../../data/types';
import type { Graph } from '../../graph/graph';
import { parseModelConfig } from '../keras/config';
import { configToGraph } from '../keras/config-to-graph';
import { looksLikeModelJson, parseModelJson, type ModelJson } from './model-json';
import { openShards } from './weights';

/**
 * Reads a TensorFlow.js LayersModel from its model.json, found by content among the files, and its weight shards, found
 * by name in any folder. Throws 'unknown-format', 'missing-file' listing all missing shards, 'corrupt-file',
 * 'unsupported-op' listing all layers that cannot be modelled, 'unsupported-feature' (GraphModels among others).
 */
export async function readTfjsLayers(files: readonly SourceFile[]): Promise<Graph> {
  const { file, json } = findModelJson(files);
  const model = parseModelJson(json, file);
  const topology = model.modelTopology;
  const config = parseModelConfig(topology.model_config ?? topology);
  const weights = openShards(model.weightsManifest, files, file.path);
  const producer = producerOf(model);
  return configToGraph({
    model: config,
    weights: weights.source,
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

function findModelJson(files: readonly SourceFile[]): { file: SourceFile; json: unknown } {
  const found: { file: SourceFile; json: unknown }[] = [];
  for (const file of files) {
    const json = parseJson(file.bytes);
    if (looksLikeModelJson(json)) found.push({ file, json });
  }
  if (found.length === 1) return found[0]!;
  const broken = found.length ? undefined : files.find((file) => isBrokenModelJson(file.bytes));
  if (broken)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `"${broken.path}" is not valid JSON: it is cut off or was changed.`,
      where: broken.path,
      hint: 'Copy or download the file again.',
    });
  throw new RangefinderError(
    found.length
      ? {
          code: 'unknown-format',
          message: `${found.length} TensorFlow.js models were dropped at once.`,
          hint: 'Drop the files of one model.',
          details: found.map(({ file }) => file.path),
        }
      : {
          code: 'unknown-format',
          message: 'None of the files is the model.json of a TensorFlow.js model.',
          hint: 'Drop model.json together with all its weight files.',
        },
  );
}

/** Weights are told from JSON by their first character, byte order mark and blanks aside. */
function startsAsObject(bytes: Uint8Array): boolean {
  return bytes.find((b) => b > 0x20 && b !== 0xef && b !== 0xbb && b !== 0xbf) === 0x7b;
}

function isBrokenModelJson(bytes: Uint8Array): boolean {
  return startsAsObject(bytes) && new TextDecoder().decode(bytes.subarray(0, 1 << 20)).includes('"modelTopology"');
}

/** undefined for bytes that are no JSON object. */
function parseJson(bytes: Uint8Array): unknown {
  if (!startsAsObject(bytes)) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function producerOf({ modelTopology, generatedBy, convertedBy }: ModelJson): string | undefined {
  const version = modelTopology.keras_version;
  const trained = generatedBy ?? (version?.startsWith('tfjs') ? version : version && `Keras ${version}`);
  return [trained, convertedBy && `via ${convertedBy}`].filter(Boolean).join(' ') || undefined;
}
