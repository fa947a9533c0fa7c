/** What the page and the command line start from, so that both print the same numbers. */
export const DEFAULT_SPLIT = { seed: 42, calibrationSamples: 500, evaluationSamples: 1000 } as const;
