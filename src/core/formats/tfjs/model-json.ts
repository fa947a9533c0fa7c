/** model.json of TensorFlow.js: architecture, and which bytes of which shard files are which weight. */
import { z } from 'zod';
import { RangefinderError } from '../../errors';
import type { SourceFile } from '../../data/types';

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
    node: z.unknown().optional(),
  }),
  weightsManifest: z.array(group).min(1),
});
export type ModelJson = z.infer<typeof modelJson>;

/** Whether JSON text could be a model.json: its two keys, wherever its name was lost. */
export function looksLikeModelJson(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'modelTopology' in json;
}

/** Throws 'corrupt-file' saying which parts are not as TensorFlow.js writes them; GraphModels are 'unsupported-feature'. */
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
  const { format, modelTopology } = parsed.data;
  if (format === 'graph-model' || modelTopology.node !== undefined)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `"${file.path}" is a TensorFlow.js GraphModel; only LayersModels are read.`,
      where: file.path,
      hint: 'Convert the original model to .tflite, or to a LayersModel with --output_format=tfjs_layers_model.',
    });
  return parsed.data;
}
