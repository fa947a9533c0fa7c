import type { AnyFormat } from './format';

export type FormatFamily = 'integer' | 'half' | 'fp8' | 'flexible' | 'small-float' | 'microscaling';

/** A format with a name, as the page and the command line list it. */
export interface FormatRow {
  readonly id: string;
  readonly family: FormatFamily;
  readonly label: string;
  /** Of one value; what a block shares is spread over it. */
  readonly bits: number;
  /** One sentence for the page. */
  readonly explain: string;
  /** As weights use it: integers symmetric and narrow. */
  readonly weights: AnyFormat;
  /** As activations use it: integers asymmetric. */
  readonly activations: AnyFormat;
}
