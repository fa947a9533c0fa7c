/**
 * The saved architecture of a Keras model, brought to one form: whatever release wrote it, a model is a list of layers,
 * each called once or more, and lists of input and output tensors. A Sequential model is the special case of a chain.
 *
 * Read: Keras 2 and tf.keras JSON (`model_config` of .h5, `modelTopology` of TensorFlow.js), and Keras 3's, which adds
 * {module, registered_name} around objects and writes calls as {args, kwargs} with `__keras_tensor__` placeholders.
 */
import { z } from '../../../base/zod';
import { RangefinderError } from '../../../base/errors';
import { parseJsonText } from '../json';
import { Settings } from './settings';

/** One output tensor of one call of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
  /** The argument it was given as, where it was named: "key", "initial_state". */
  readonly keyword?: string;
}

export interface LayerConfig {
  readonly className: string;
  /** Whether the class is one of Keras, as far as the file says. */
  readonly custom: boolean;
  readonly name: string;
  readonly settings: Settings;
  /** Inputs of each call; a layer with several calls is shared. An input layer has one call without inputs. */
  readonly calls: readonly (readonly TensorRef[])[];
  /** Arguments of each call that are no tensors, where it has any: by name, or by position. */
  readonly options: readonly Readonly<Record<string, unknown>>[];
  /** Set where the layer is itself a model. */
  readonly model?: ModelConfig;
}

export interface ModelConfig {
  readonly name: string;
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
  /** Where the model gives its outputs by name. */
  readonly outputNames?: readonly string[];
}

const savedObject = z.looseObject({
  class_name: z.string(),
  name: z.string().optional(),
  /** Of Keras 3: where the class is defined. */
  module: z.unknown().optional(),
  config: z.unknown().optional(),
  inbound_nodes: z.array(z.unknown()).optional(),
});
type SavedObject = z.infer<typeof savedObject>;

const functionalConfig = z.looseObject({
  name: z.string().optional(),
  layers: z.array(savedObject),
  input_layers: z.unknown().optional(),
  output_layers: z.unknown().optional(),
});
/** Keras before 2.2.3 wrote the bare list of layers. */
const sequentialConfig = z.union([
  z.array(savedObject).transform((layers) => ({ name: undefined, layers, build_input_shape: undefined })),
  z.looseObject({
    name: z.string().optional(),
    layers: z.array(savedObject),
    build_input_shape: z.unknown().optional(),
  }),
]);

/** Models within models; real ones stay below five. */
const DEEPEST = 20;

/** Throws 'corrupt-file' naming the file. */
export function parseJson(text: string, fileName: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw new RangefinderError(
      {
        code: 'corrupt-file',
        message: `The architecture in "${fileName}" is not valid JSON: ${(cause as Error).message}.`,
        where: fileName,
        hint: 'Copy or download the file again.',
      },
      { cause },
    );
  }
}

/** Throws 'corrupt-file' where the JSON is no model, 'unsupported-feature' for one whose architecture is code. */
export function parseModelConfig(json: unknown): ModelConfig {
  const saved = savedObject.safeParse(json);
  if (!saved.success) throw malformed(saved.error);
  const model = modelOf(saved.data, 0);
  if (model) return model;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: `The model is of the custom class "${saved.data.class_name}", whose architecture is Python code.`,
    hint: 'Rebuild it with the functional API or Sequential, or export it with model.export("model.onnx", format="onnx") and open that.',
  });
}

function modelOf(saved: SavedObject, depth: number): ModelConfig | undefined {
  if (depth > DEEPEST)
    throw new RangefinderError({ code: 'corrupt-file', message: `Models are nested more than ${DEEPEST} deep.` });
  if (saved.class_name === 'Sequential') {
    const config = sequentialConfig.safeParse(saved.config);
    if (!config.success) throw malformed(config.error);
    return chain(
      config.data.name ?? saved.name ?? 'sequential',
      config.data.layers,
      config.data.build_input_shape,
      depth,
    );
  }
  // Subclasses of Model built with the functional API save the same config under their own class name.
  const config = functionalConfig.safeParse(saved.config);
  if (config.success && 'input_layers' in config.data && 'output_layers' in config.data)
    return {
      name: config.data.name ?? saved.name ?? 'model',
      layers: config.data.layers.map((layer) => parseLayer(layer, layer.inbound_nodes ?? [], depth)),
      inputs: refsOf(config.data.input_layers),
      outputs: refsOf(config.data.output_layers),
      ...outputNamesOf(config.data.output_layers),
    };
  if (saved.class_name === 'Model' || saved.class_name === 'Functional')
    throw config.success
      ? new RangefinderError({ code: 'corrupt-file', message: 'The model config lists no input or output layers.' })
      : malformed(config.error);
  return undefined;
}

function chain(name: string, saved: readonly SavedObject[], buildShape: unknown, depth: number): ModelConfig {
  const layers: LayerConfig[] = [];
  let previous: TensorRef[] = [];
  for (const object of saved) {
    const layer = { ...parseLayer(object, [], depth), calls: [previous] };
    if (!layers.length && layer.className !== 'InputLayer') {
      const input = inputOf(layer, buildShape);
      layers.push(input, { ...layer, calls: [[firstOutput(input)]] });
    } else layers.push(layer);
    previous = [firstOutput(layer)];
  }
  const [first] = layers;
  if (!first) throw new RangefinderError({ code: 'corrupt-file', message: `The model "${name}" has no layers.` });
  return { name, layers, inputs: [firstOutput(first)], outputs: previous };
}

/** The input layer a Sequential model leaves out: its shape is written in the first layer, or in the model's own. */
function inputOf(first: LayerConfig, buildShape: unknown): LayerConfig {
  const name = `${first.name}_input`;
  const inner = first.model?.layers.find((layer) => layer.className === 'InputLayer')?.settings.values;
  const own = first.settings.values;
  const shape = own.batch_input_shape ?? buildShape ?? inner?.batch_input_shape ?? inner?.batch_shape;
  const settings = new Settings({ batch_input_shape: shape, dtype: own.dtype }, name);
  return { className: 'InputLayer', custom: false, name, settings, calls: [[]], options: [] };
}

function firstOutput(layer: LayerConfig): TensorRef {
  return { layer: layer.name, call: 0, output: 0 };
}

function parseLayer(saved: SavedObject, nodes: readonly unknown[], depth: number): LayerConfig {
  const name = layerName(saved);
  const config = typeof saved.config === 'object' && saved.config !== null ? saved.config : {};
  const model = modelOf(saved, depth + 1);
  return {
    className: classOf(saved),
    custom: isCustom(saved),
    name,
    settings: new Settings(config as Record<string, unknown>, name),
    calls: saved.class_name === 'InputLayer' ? [[]] : nodes.map((node) => refsOf(node)),
    options: nodes.map(optionsOf),
    ...(model && { model }),
  };
}

/** What layers and operations are told apart by: Keras 3 has an `Add` of either kind, tf.keras one class for all functions. */
function classOf(saved: SavedObject): string {
  const { class_name: name, module, config } = saved;
  if (isBareOperation(saved)) return `ops.${name}`;
  if (typeof module === 'string' && /^keras(\.src)?\.ops\b/.test(module)) return `ops.${name}`;
  const { function: called } = (objectOf(config) ?? {}) as { function?: unknown };
  return /^(TF|Slicing)OpLambda$/.test(name) && typeof called === 'string' ? `tf.${called}` : name;
}

/** In HDF5 files Keras 3 leaves out the module of an operation; unlike layers, operations have no settings but a name. */
function isBareOperation({ module, config, inbound_nodes: nodes }: SavedObject): boolean {
  const isCall = Array.isArray(nodes) && objectOf(nodes[0])?.args !== undefined;
  const keys = Object.keys(objectOf(config) ?? {});
  return module === undefined && isCall && keys.length === 1 && keys[0] === 'name';
}

/** Registered classes are written with their package; Keras 3 says the module of every class. */
function isCustom({ class_name: name, module }: SavedObject): boolean {
  return (
    name.includes('>') ||
    (typeof module === 'string' &&
      !/^(keras|tensorflow|tf_keras|keras_core|tensorflow_model_optimization)\b/.test(module))
  );
}

function layerName(saved: SavedObject): string {
  const config = saved.config as { name?: unknown } | null | undefined;
  return saved.name ?? (typeof config?.name === 'string' ? config.name : saved.class_name);
}

/** Stands in tf.keras' calls for the layer a number came from. */
const CONSTANT = '_CONSTANT_VALUE';

/** An object, or undefined for anything else. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Named arguments: Keras 3 has {args, kwargs}, the releases before put them fourth behind a tensor. */
function namedArguments(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return objectOf(Array.isArray(value) ? value[3] : objectOf(value)?.kwargs);
}

/** Keras 3 keeps the keys of a dictionary of outputs. */
function outputNamesOf(value: unknown): Pick<ModelConfig, 'outputNames'> {
  const isOneTensor = typeof value === 'object' && value !== null && 'class_name' in value;
  return Array.isArray(value) || isOneTensor || !objectOf(value) ? {} : { outputNames: Object.keys(value as object) };
}

/**
 * The tensors a saved value refers to, in order: ["conv",0,0] or ["conv",0,0,kwargs], Keras 3's `__keras_tensor__`, and
 * lists or dictionaries of those.
 */
function refsOf(value: unknown): TensorRef[] {
  if (typeof value !== 'object' || value === null) return [];
  const named = Object.entries(namedArguments(value) ?? {}).flatMap(([keyword, argument]) =>
    refsOf(argument).map((ref) => ({ ...ref, keyword })),
  );
  if (!Array.isArray(value)) {
    const { class_name, config } = value as { class_name?: unknown; config?: { keras_history?: unknown } };
    if (class_name === '__keras_tensor__') return refsOf(config?.keras_history);
    const { kwargs, ...rest } = value as Record<string, unknown>;
    return [...Object.values(objectOf(kwargs) ? rest : value).flatMap(refsOf), ...named];
  }
  const [layer, call, output] = value as unknown[];
  // Where tf.keras has a number as first argument, tensors follow among the named ones.
  if (layer === CONSTANT) return named;
  if (typeof layer === 'string' && typeof call === 'number' && typeof output === 'number')
    return [{ layer, call, output }, ...named];
  return value.flatMap(refsOf);
}

/** Arguments of a call that are no tensors. */
function optionsOf(node: unknown): Record<string, unknown> {
  const first = Array.isArray(node) && Array.isArray(node[0]) ? (node[0] as unknown) : node;
  const named = Object.entries(namedArguments(first) ?? {}).filter(([, value]) => !refsOf(value).length);
  return Object.fromEntries([...positional(first), ...named]);
}

/** The same of those without a name, by position. */
function positional(node: unknown): (readonly [string, unknown])[] {
  if (Array.isArray(node)) return node[0] === CONSTANT ? [['0', node[2]]] : [];
  const { args } = (objectOf(node) ?? {}) as { args?: unknown };
  if (!Array.isArray(args)) return [];
  return args.flatMap((value: unknown, i) => (refsOf(value).length ? [] : [[String(i), value] as const]));
}

function malformed(error: z.ZodError): RangefinderError {
  return new RangefinderError({
    code: 'corrupt-file',
    message: 'The model config is not one that Keras writes.',
    hint: 'Save the model again with Keras.',
    details: error.issues.slice(0, 8).map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`),
  });
}
