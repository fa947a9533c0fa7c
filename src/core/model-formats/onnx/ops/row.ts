/** What an operator of the file becomes. */
import type { Constant } from '../constant';
import type { OnnxNode, Value } from '../node';

export interface OpRow {
  /** The outputs where the values of all inputs are known. */
  readonly fold?: (node: OnnxNode) => Constant | readonly Constant[];
  /** Adds the node's ops; returns its outputs. Absent where only known values can be computed. */
  readonly translate?: (node: OnnxNode) => Value | readonly Value[];
  /**
   * 'channels-first': wants [N,C,…] images. 'any': does not care what the dimensions mean, as it works on each value by
   * itself or names an axis. Left out: gives dimensions another meaning. Decides which inputs are images.
   */
  readonly layout?: 'channels-first' | 'any';
}

/** Operator of the default domain → its row. */
export type OpRows = Readonly<Record<string, OpRow>>;
