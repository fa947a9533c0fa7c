/** A bundled sample, as `public/samples/index.json` lists it. URLs are relative to that file. */
export interface Sample {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly model: readonly string[];
  readonly data: readonly string[];
  readonly default?: boolean;
}

export interface SamplesSlice {
  readonly list: readonly Sample[];
  readonly current: string | null;
}

export const NO_SAMPLES: SamplesSlice = { list: [], current: null };
