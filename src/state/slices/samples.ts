import type { Granularity } from '../../core/quantize/settings';
import type { Tab } from './ui';

/** A bundled sample, as `public/samples/index.json` lists it. URLs are relative to that file. */
export interface Sample {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly model: readonly string[];
  readonly data: readonly string[];
  readonly default?: boolean;
  /** Opens with settings that show something, and on the view that explains it. */
  readonly story?: { readonly granularity: Granularity; readonly tab: Tab };
}

export interface SamplesSlice {
  readonly list: readonly Sample[];
  readonly current: string | null;
}

export const NO_SAMPLES: SamplesSlice = { list: [], current: null };
