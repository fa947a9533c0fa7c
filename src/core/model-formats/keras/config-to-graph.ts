/**
 * Keras architecture + weights → Graph. Data is taken to be channels last, as Keras does by default; layers that say
 * otherwise are refused. Every layer that cannot be modelled is found before anything is translated.
 */
import { lookup, put } from '../../../base/lookup';
import { RangefinderError } from '../../../base/errors';
import { GraphBuilder } from '../../graph/build';
import { BATCH, type CarriedState, type Graph, type Provenance, type TensorId } from '../../graph/graph';
import { LayerScope } from './layer-scope';
import type { LayerConfig, ModelConfig, TensorRef } from './config';
import type { Dialect } from './layers/layer';
import { EXPORT_HINT, layerProblems } from './layers/problems';
import { LAYERS, translatorFor } from './layers/table';
import { renameTensors } from './rename';
import { OpenSizes, type InputSizes } from '../open-sizes';
import { Settings } from './settings';
import type { WeightSource } from './weights';

export interface KerasSource {
  readonly model: ModelConfig;
  readonly weights: WeightSource;
  readonly dialect: Dialect;
  readonly provenance: Omit<Provenance, 'signatures'>;
  /** Of what inputs leave open. */
  readonly sizes?: InputSizes;
}

/**
 * Throws 'unsupported-op' listing every layer not modelled, 'corrupt-file' where weights and architecture disagree,
 * 'unsupported-feature' for inputs of undetermined size.
 */
export function configToGraph({ model, weights, dialect, provenance, sizes = {} }: KerasSource): Graph {
  refuseUnmodelled(model, dialect);
  const walk = new Walk(new GraphBuilder(model.name), weights, dialect);
  const instance = walk.instantiate(model, []);
  const open = new OpenSizes(sizes);
  const inputs = model.inputs.map((ref) => [ref.layer, walk.addInput(instance, ref, open)] as const);
  open.check(provenance.fileName);
  const results = walk.run(instance);
  const outputs = model.outputs.map((ref, i) => [outputName(model, dialect, ref.layer, i), results[i]] as const);
  const { states } = walk;
  const stateInputs = states.map(({ input }) => [input, input] as const);
  const stateOutputs = states.map(({ input, output }) => [input.replace(/_in$/, '_out'), output] as const);
  const signature = {
    key: 'serving_default',
    inputs: bySignatureName([...inputs, ...stateInputs]),
    outputs: bySignatureName([...outputs, ...stateOutputs]),
  };
  const graph = walk.builder.build([...new Set([...outputs, ...stateOutputs].map(([, id]) => id))], {
    ...provenance,
    notes: [...provenance.notes, ...walk.notes],
    signatures: [signature],
    ...(states.length > 0 && { states }),
  });
  return renameTensors(graph, walk.results);
}

/** As TensorFlow's converter names it: since Keras 3 by its key or its position, before by its layer. */
function outputName({ outputNames }: ModelConfig, dialect: Dialect, layer: string, position: number): string {
  if (dialect.framework !== 'keras' || dialect.major < 3) return layer;
  return outputNames?.[position] ?? `output_${position}`;
}

function refuseUnmodelled(model: ModelConfig, dialect: Dialect): void {
  const details = problemsOf(model, dialect, []);
  if (!details.length) return;
  const count = details.length === 1 ? 'a layer or setting that is' : `${details.length} layers or settings that are`;
  throw new RangefinderError({
    code: 'unsupported-op',
    message: `The model "${model.name}" has ${count} not modelled.`,
    hint: EXPORT_HINT,
    details,
  });
}

function problemsOf(model: ModelConfig, dialect: Dialect, path: readonly string[]): string[] {
  return model.layers.flatMap(({ className, custom, name, settings, model: inner }) => {
    if (inner) return problemsOf(inner, dialect, [...path, name]);
    if (className === 'InputLayer') return [];
    const where = `${[...path, name].join('/')} (${className})`;
    return layerProblems(translatorFor(className), className, settings, dialect, custom).map(
      (problem) => `${where}: ${problem}`,
    );
  });
}

/** A model in use: the top one, or one call of a nested one. */
interface Instance {
  readonly path: readonly string[];
  readonly layers: ReadonlyMap<string, LayerConfig>;
  readonly model: ModelConfig;
  /** Tensors already there, by layer and call. */
  readonly done: Map<string, readonly TensorId[]>;
  readonly pending: Set<string>;
  /** Call number that the first written call of a layer has; see {@link firstCall}. */
  readonly firstCall: ReadonlyMap<string, number>;
}

class Walk {
  readonly notes = new Set<string>();
  readonly states: CarriedState[] = [];
  /** Result tensor of each layer call → the layer's name. */
  readonly results = new Map<TensorId, string>();
  /** One per layer however often it is called, so that calls share constants. */
  private readonly scopes = new Map<string, LayerScope>();

  constructor(
    readonly builder: GraphBuilder,
    private readonly weights: WeightSource,
    private readonly dialect: Dialect,
  ) {}

  instantiate(model: ModelConfig, path: readonly string[]): Instance {
    return {
      path,
      model,
      layers: new Map(model.layers.map((layer) => [layer.name, layer])),
      done: new Map(),
      pending: new Set(),
      firstCall: new Map(model.layers.map((layer) => [layer.name, firstCall(layer, model)])),
    };
  }

  addInput(instance: Instance, ref: TensorRef, open: OpenSizes): TensorId {
    const { settings, name } = layerOf(instance, ref);
    const saved = settings.raw('batch_input_shape') ?? settings.raw('batch_shape');
    const shape = Array.isArray(saved) ? (saved as unknown[]) : undefined;
    if (!shape?.length) throw settings.bad('batch_input_shape', 'a shape');
    const isSize = (d: unknown): d is number => Number.isInteger(d) && (d as number) > 0;
    const dims = open.fixed(
      name,
      shape.slice(1).map((d) => (isSize(d) ? d : null)),
    );
    if (shape[0] !== null && shape[0] !== undefined)
      this.notes.add(`input "${name}" has a fixed batch of ${shape[0] as number}; any batch is accepted here`);
    const dtype = dtypeName(settings.raw('dtype'));
    if (dtype !== 'float32') this.notes.add(`input "${name}" is declared ${dtype}; it is fed as float32`);
    const id = this.builder.input(name, [BATCH, ...dims]);
    instance.done.set(key(ref), [id]);
    return id;
  }

  /** Translates what the model's outputs need, in the file's order as far as that can be computed; returns the outputs. */
  run(instance: Instance): TensorId[] {
    const needed = new Set<string>();
    const open = [...instance.model.outputs];
    for (let ref = open.pop(); ref; ref = open.pop()) {
      if (needed.has(key(ref))) continue;
      needed.add(key(ref));
      open.push(...inputsOf(instance, ref));
    }
    for (const { name, calls } of instance.model.layers)
      calls.forEach((_, i) => {
        const ref = { layer: name, call: i + instance.firstCall.get(name)!, output: 0 };
        if (needed.has(key(ref))) this.tensor(instance, ref);
      });
    return instance.model.outputs.map((ref) => this.tensor(instance, ref));
  }

  private tensor(instance: Instance, ref: TensorRef): TensorId {
    const layer = layerOf(instance, ref);
    const tensors = instance.done.get(key(ref)) ?? this.call(instance, layer, ref);
    const id = tensors[ref.output];
    if (id === undefined) throw contradiction(`"${layer.name}" has no output ${ref.output}`);
    return id;
  }

  private call(instance: Instance, layer: LayerConfig, ref: TensorRef): readonly TensorId[] {
    const at = key(ref);
    if (instance.pending.has(at)) throw contradiction(`layer "${layer.name}" depends on its own output`);
    instance.pending.add(at);
    if (layer.className === 'InputLayer') throw contradiction(`"${layer.name}" is not among the model's inputs`);
    const inputs = inputsOf(instance, ref).map((input) => this.tensor(instance, input));
    if (!inputs.length) throw contradiction(`layer "${layer.name}" has no inputs`);
    const outputs = layer.model
      ? this.nested(instance, layer, layer.model, inputs)
      : this.leaf(instance, layer, ref, inputs);
    instance.done.set(at, outputs);
    instance.pending.delete(at);
    return outputs;
  }

  private nested(outer: Instance, layer: LayerConfig, model: ModelConfig, inputs: readonly TensorId[]) {
    const inner = this.instantiate(model, [...outer.path, layer.name]);
    if (inputs.length !== model.inputs.length)
      throw contradiction(`model "${layer.name}" takes ${model.inputs.length} inputs, is given ${inputs.length}`);
    model.inputs.forEach((ref, i) => inner.done.set(key(ref), [inputs[i]]));
    return this.run(inner);
  }

  private leaf(
    instance: Instance,
    layer: LayerConfig,
    ref: TensorRef,
    inputs: readonly TensorId[],
  ): readonly TensorId[] {
    const path = [...instance.path, layer.name];
    const name = path.join('/');
    const note = (text: string) => void this.notes.add(text);
    const scope =
      this.scopes.get(name) ?? new LayerScope(this.builder, layer, path, this.weights, this.dialect, note, this.states);
    this.scopes.set(name, scope);
    const keywords = inputsOf(instance, ref).map(({ keyword }) => keyword);
    const options = new Settings(layer.options[ref.call - instance.firstCall.get(layer.name)!] ?? {}, name);
    const results = [lookup(LAYERS, layer.className)!.translate(scope.call(inputs, keywords, options))].flat();
    // A layer that does nothing hands its input on, which keeps the name it has.
    results.forEach((id, i) => {
      if (!inputs.includes(id) && !this.results.has(id)) this.results.set(id, i === 0 ? name : `${name}:${i}`);
    });
    return results;
  }
}

/** A name, or since Keras 3 a policy object. */
function dtypeName(saved: unknown): string {
  if (typeof saved === 'string') return saved;
  const policy = saved as { config?: { name?: unknown } } | null | undefined;
  return typeof policy?.config?.name === 'string' ? policy.config.name : 'float32';
}

/** Signature names: the layer's, numbered where a layer gives several outputs. */
function bySignatureName(entries: readonly (readonly [string, TensorId])[]): Record<string, TensorId> {
  const record: Record<string, TensorId> = {};
  for (const [name, id] of entries) {
    let free = name;
    for (let n = 1; Object.hasOwn(record, free); n++) free = `${name}_${n}`;
    put(record, free, id);
  }
  return record;
}

const key = (ref: TensorRef) => `${ref.call} ${ref.layer}`;

/**
 * Keras up to 2.2 and TensorFlow.js count a nested model's own definition as its call 0, so that its first use here is
 * call 1; everything else starts at 0.
 */
function firstCall(layer: LayerConfig, model: ModelConfig): number {
  if (!layer.model) return 0;
  const uses = [...model.outputs, ...model.layers.flatMap((l) => l.calls.flat())].filter((r) => r.layer === layer.name);
  return uses.some((ref) => ref.call >= layer.calls.length) ? 1 : 0;
}

function layerOf(instance: Instance, ref: TensorRef): LayerConfig {
  const layer = instance.layers.get(ref.layer);
  if (!layer) throw contradiction(`there is no layer "${ref.layer}"`);
  return layer;
}

function inputsOf(instance: Instance, ref: TensorRef): readonly TensorRef[] {
  const layer = layerOf(instance, ref);
  const refs = layer.calls[ref.call - instance.firstCall.get(layer.name)!];
  if (!refs) throw contradiction(`"${layer.name}" has no call ${ref.call}`);
  return refs;
}

function contradiction(what: string): RangefinderError {
  return new RangefinderError({
    code: 'corrupt-file',
    message: `The architecture contradicts itself: ${what}.`,
    hint: 'Save the model again with Keras.',
  });
}
