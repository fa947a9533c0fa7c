/** What a layer translator sees of the layer and of the Graph it adds to. */
import type { Shape, TensorId } from '../../../graph/graph';
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
  /** The only input; throws where there are several. */
  readonly input: TensorId;
  shape(tensor: TensorId): Shape;
  op<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): TensorId;
  /**
   * A trained weight as a constant. `shape` is what the settings ask for (null: any size); a file that disagrees is
   * refused before the data is read. Shared calls get the same constant.
   */
  weight(name: string, shape: readonly (number | null)[], lay?: (weight: Laid) => Laid): TensorId;
  /** The values of a weight, for layers that compute with them. */
  values(name: string): Float32Array;
  /** A constant that is no weight; equal ones of one model are shared. */
  constant(values: readonly number[], shape?: Shape): TensorId;
  /** Ends the import: the layer is known, this use of it is not modelled. */
  refuse(reason: string): never;
}

export interface LayerTranslator {
  /** Names of the weights in Keras' own order, given the settings. */
  readonly weights?: (settings: Settings) => readonly string[];
  /** What in these settings cannot be modelled, in words; found for all layers before anything is translated. */
  readonly problems?: (settings: Settings, dialect: Dialect) => readonly string[];
  /** Adds the layer's ops; returns the tensor that is its result. */
  readonly translate: (layer: LayerCall) => TensorId;
}

export type LayerTable = Readonly<Record<string, LayerTranslator>>;
