import { z } from '../../../base/zod';
import type { SourceFile } from '../../data/types';
import { RangefinderError } from '../../../base/errors';
import type { Graph } from '../../graph/graph';
import { openHdf5 } from '../hdf5/file';
import type { InputSizes } from '../open-sizes';
import { archiveWeights } from './archive-weights';
import { parseJson, parseModelConfig } from './config';
import { configToGraph } from './config-to-graph';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';
const METADATA = 'metadata.json';

const metadataJson = z.looseObject({ keras_version: z.string().optional() });

/**
 * Reads a `.keras` file of Keras 2.12 to 3.x: its architecture, weights and version, each a file in the archive. Optimizer
 * state is ignored.
 *
 * @param main names the model: the archive, or where its files were dropped loosely one of them.
 * @param files the archive's content.
 * @throws RangefinderError 'corrupt-file', 'missing-file', 'unsupported-op' listing all layers that cannot be modelled,
 * 'unsupported-feature', 'too-large'.
 */
export async function readKeras(
  main: SourceFile,
  files: readonly SourceFile[],
  sizes: InputSizes = {},
): Promise<Graph> {
  const config = entry(files, CONFIG, main.path);
  const weights = entry(files, WEIGHTS, main.path);
  const metadata = files.find(({ path }) => baseName(path) === METADATA);
  const version = metadata && versionOf(metadata);
  const model = parseModelConfig(parseJson(new TextDecoder().decode(config.bytes), config.path));
  const root = openHdf5(weights.bytes, weights.path);
  return configToGraph({
    model,
    weights: archiveWeights(root, model),
    sizes,
    dialect: { framework: 'keras', major: Number.parseInt(version ?? '3', 10) || 3 },
    provenance: {
      format: 'keras',
      fileName: main.path,
      fileBytes: files.includes(main) ? files.reduce((sum, { bytes }) => sum + bytes.length, 0) : main.bytes.length,
      ...(version && { producer: `Keras ${version}` }),
      metadata: {},
      notes: [],
    },
  });
}

function entry(files: readonly SourceFile[], name: string, where: string): SourceFile {
  const file = files.find(({ path }) => baseName(path) === name);
  if (file) return file;
  throw new RangefinderError({
    code: 'missing-file',
    message: `"${where}" lacks ${name}, which every .keras file has.`,
    where,
    hint: 'Save the model again with model.save("model.keras").',
  });
}

/** Undefined where the file says nothing of it: it matters to a few defaults only. */
function versionOf({ bytes, path }: SourceFile): string | undefined {
  const parsed = metadataJson.safeParse(parseJson(new TextDecoder().decode(bytes), path));
  return parsed.success ? parsed.data.keras_version : undefined;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
