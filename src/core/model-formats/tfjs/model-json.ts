/** model.json of TensorFlow.js: architecture, and which bytes of which shard files are which weight. */
import { z } from '../../../base/zod';
import { RangefinderError } from '../../../base/errors';
import type { SourceFile } from '../../data/types';
import { parseJsonText } from '../json';

const storedType = z.enum(['float32', 'float16', 'int32', 'uint8', 'uint16', 'bool']);
const size = z.int().nonnegative();

const weight = z.looseObject({
  name: z.string(),
  shape: z.array(size),
  dtype: z.string(),
  quantization: z
    .looseObject({ dtype: storedType, scale: z.number().optional(), min: z.number().optional() })
    .optional(),
});
export type StoredWeight = z.infer<typeof weight>;

const group = z.looseObject({ paths: z.array(z.string()), weights: z.array(weight) });
export type WeightGroup = z.infer<typeof group>;

const modelJson = z.looseObject({
  format: z.string().nullish(),
  generatedBy: z.string().nullish(),
  convertedBy: z.string().nullish(),
  modelTopology: z.looseObject({
    keras_version: z.string().nullish(),
    backend: z.string().nullish(),
    /** The Python converter nests the model in here, TensorFlow.js itself does not. */
    model_config: z.unknown().optional(),
    class_name: z.unknown().optional(),
    config: z.unknown().optional(),
    /** The operations of a GraphModel. */
    node: z.unknown().optional(),
  }),
  /** Inputs and outputs of a GraphModel by name; converters before 2.8 put it into the metadata. */
  signature: z.unknown().optional(),
  userDefinedMetadata: z.unknown().optional(),
  weightsManifest: z.array(group).min(1),
});
export type ModelJson = z.infer<typeof modelJson>;

/** Whether JSON text could be a model.json: its two keys, wherever its name was lost. */
export function looksLikeModelJson(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'modelTopology' in json;
}

/** Throws 'corrupt-file' saying which parts are not as TensorFlow.js writes them. */
export function parseModelJson(json: unknown, file: SourceFile): ModelJson {
  const parsed = modelJson.safeParse(json);
  if (!parsed.success)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `"${file.path}" is not a complete TensorFlow.js model.`,
      where: file.path,
      hint: 'Convert or save the model again.',
      details: parsed.error.issues.slice(0, 8).map((i) => `${i.path.join('.') || 'file'}: ${i.message}`),
    });
  return parsed.data;
}

/** Whether the model is a GraphModel: TensorFlow operations, instead of the layers of a LayersModel. */
export function isGraphModel({ format, modelTopology }: ModelJson): boolean {
  return format === 'graph-model' || modelTopology.node !== undefined;
}

/** The model.json among files, told by content. Throws 'unknown-format' or 'corrupt-file' where there is not one. */
export function findModelJson(files: readonly SourceFile[]): { file: SourceFile; json: unknown } {
  const found: { file: SourceFile; json: unknown }[] = [];
  for (const file of files) {
    const json = parseJson(file.bytes);
    if (looksLikeModelJson(json)) found.push({ file, json });
  }
  if (found.length === 1) return found[0];
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
    return parseJsonText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Who trained and who converted the model, as far as the file says. */
export function producerOf({ modelTopology, generatedBy, convertedBy }: ModelJson): string | undefined {
  const version = modelTopology.keras_version;
  const trained = generatedBy ?? (version?.startsWith('tfjs') ? version : version && `Keras ${version}`);
  return [trained, convertedBy && `via ${convertedBy}`].filter(Boolean).join(' ') || undefined;
}
