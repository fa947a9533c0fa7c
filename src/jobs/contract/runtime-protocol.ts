/** What goes in and comes out where one file is held against another runtime. */
import type { RuntimeProfile } from '../../core/targets/target';
import type { Score } from './judgement-protocol';

/** Runtimes other than LiteRT on XNNPACK whose arithmetic is known bit by bit. */
export const OTHER_RUNTIMES = ['litert-builtin', 'tflm'] as const satisfies readonly RuntimeProfile[];
export type OtherRuntime = (typeof OTHER_RUNTIMES)[number];

export interface RuntimeSpec {
  readonly file: Uint8Array;
  readonly runtime: OtherRuntime;
  /** The first of the evaluation split. */
  readonly samples: number;
}

/** What a file answers there, by the integer reference, against the same file in LiteRT here. */
export interface RuntimeComparison {
  readonly runtime: OtherRuntime;
  /** "TensorFlow Lite Micro (gemmlowp, two roundings)" */
  readonly profile: string;
  /** Why it cannot be said; the figures are absent then. */
  readonly unknown: string | null;
  readonly figures: {
    readonly samples: number;
    readonly score: Score;
    /** Samples with another predicted class; null where outputs are no classes. */
    readonly predictionsChanged: number | null;
    readonly elements: number;
    readonly elementsChanged: number;
    /** Where the two part first on some of these samples, and by how many steps at most; null where they never do. */
    readonly first: { readonly tensor: string; readonly mismatches: number; readonly maxLsb: number } | null;
  } | null;
}
