/** What the page and the command line start from, so that both print the same numbers. */
export const DEFAULT_SPLIT = { seed: 42, calibrationSamples: 500, evaluationSamples: 1000 } as const;

/** Noise says nothing about accuracy; these are enough to see ranges and to check the file. */
export const RANDOM_SPLIT = { ...DEFAULT_SPLIT, calibrationSamples: 100, evaluationSamples: 200 } as const;
