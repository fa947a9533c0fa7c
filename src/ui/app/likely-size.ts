/** What to propose for a dimension that a model leaves open, going by its name. */
const LIKELY: readonly (readonly [name: RegExp, size: number])[] = [
  [/batch/i, 1],
  [/chan/i, 3],
  [/seq|token|length|time|frame/i, 128],
  [/sample|audio|wave/i, 16000],
];
/** The side of most images. */
const OTHERWISE = 224;

export function likelySize(name: string): number {
  return LIKELY.find(([pattern]) => pattern.test(name))?.[1] ?? OTHERWISE;
}
