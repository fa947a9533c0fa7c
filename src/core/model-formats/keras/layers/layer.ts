/** What a layer translator sees of the layer and of the Graph it adds to. */
import type { QuantParams, Shape, TensorId } from '../../../graph/graph';
import type { OpAttrs, OpKind } from '../../../graph/ops/attrs';
import type { Laid } from '../layout';
import type { Settings } from '../settings';

/** Which framework's conventions apply where releases differ. */
export interface Dialect {
  readonly framework: 'keras' | 'tfjs';
  /** Major release of Keras; tfjs-layers follows 2. */
  readonly major: number;
}

/** One call of a layer. Ops it adds are named after the layer; its result takes the layer's own name. */
export interface LayerCall {
  readonly name: string;
  readonly className: string;
  readonly settings: Settings;
  readonly dialect: Dialect;
  readonly inputs: readonly TensorId[];
  /** For each input the name of the argument it was given as; undefined where by position. */
  readonly keywords: readonly (string | undefined)[];
  /** Arguments of this call that are no tensors, by name or by position. */
  readonly options: Settings;
  /** The only input; throws where there are several. */
  readonly input: TensorId;
  shape(tensor: TensorId): Shape;
  op<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): TensorId;
  /** The same for ops of several outputs. */
  ops<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): readonly TensorId[];
  /** The values rounded to int8 codes, as training with quantization does. */
  rounded(x: TensorId, quant: QuantParams): TensorId;
  /**
   * A trained weight as a constant. `shape` is what the settings ask for (null: any size); a file that disagrees is
   * refused before the data is read. Shared calls get the same constant. Of a weight that is used in pieces, `part` names
   * the piece that `lay` cuts out.
   */
  weight(name: string, shape: readonly (number | null)[], lay?: (weight: Laid) => Laid, part?: string): TensorId;
  /** The values of a weight, for layers that compute with them; `shape` as for {@link weight}. */
  values(name: string, shape?: readonly (number | null)[]): Float32Array;
  /** A constant made of weights; the same for equal names. */
  made(name: string, values: Float32Array, shape: Shape): TensorId;
  /** A constant that is no weight; equal ones of one model are shared. */
  constant(values: readonly number[], shape?: Shape): TensorId;
  /** An input of the model for a state of this layer, of [N, units], that `keep` gives its output. */
  state(name: string, units: number): { readonly input: TensorId; readonly keep: (output: TensorId) => void };
  /** Says on the page what was changed or assumed; the same words are said once. */
  note(text: string): void;
  /** Ends the import: the layer is known, this use of it is not modelled. */
  refuse(reason: string): never;
}

export interface LayerTranslator {
  /** Names of the weights in Keras' own order, given the settings. */
  readonly weights?: (settings: Settings) => readonly string[];
  /** What in these settings cannot be modelled, in words; found for all layers before anything is translated. */
  readonly problems?: (settings: Settings, dialect: Dialect) => readonly string[];
  /** Adds the layer's ops; returns the tensor that is its result, or all of them in order. */
  readonly translate: (layer: LayerCall) => TensorId | readonly TensorId[];
}

/** The only result of a layer used within another. */
export function resultOf(layer: LayerCall, { translate }: LayerTranslator): TensorId {
  const result = translate(layer);
  return typeof result === 'string' ? result : (result[0] ?? layer.refuse('it has no output'));
}

/** A view of the call for a layer within it: other inputs, other settings, its weights in a scope of their own. */
export function within(
  layer: LayerCall,
  inputs: readonly TensorId[],
  inner: { readonly className?: string; readonly settings: Settings; readonly scope?: string },
): LayerCall {
  const { className = layer.className, settings, scope } = inner;
  const scoped = (name: string) => (scope ? `${scope}/${name}` : name);
  const keywords: (string | undefined)[] = inputs.map(() => undefined);
  return Object.create(layer, {
    className: { value: className },
    settings: { value: settings },
    inputs: { value: inputs },
    keywords: { value: keywords },
    input: { get: () => (inputs.length === 1 ? inputs[0] : layer.refuse(`${inputs.length} inputs instead of one`)) },
    made: {
      value: (name: string, values: Float32Array, shape: Shape) => layer.made(scoped(name), values, shape),
    },
    weight: {
      value: (
        name: string,
        ...rest: [shape: readonly (number | null)[], lay?: (weight: Laid) => Laid, part?: string]
      ) => layer.weight(scoped(name), ...rest),
    },
    values: { value: (name: string) => layer.values(scoped(name)) },
  }) as LayerCall;
}

export type LayerTable = Readonly<Record<string, LayerTranslator>>;
