import type { TensorId } from '../../graph/graph';

/** What is known of a tensor: factor · x, factor · erf(x / √2), factor · (1 + erf(x / √2)) or factor · x · (1 + …). */
export interface Trait {
  readonly is: 'scaled' | 'erf' | 'gate' | 'gated';
  readonly x: TensorId;
  readonly factor: number;
}
