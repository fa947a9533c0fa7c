/** What several layers have in common. */
export interface Common<T> {
  /** Of all of them; null where nobody has one, or where they differ. */
  readonly value: T | null;
  readonly mixed: boolean;
}

/** Plain data is compared by what it says. */
export function commonOf<T>(values: readonly (T | null | undefined)[]): Common<T> {
  const texts = new Set(values.map((value) => JSON.stringify(value ?? null)));
  return texts.size > 1 ? { value: null, mixed: true } : { value: values[0] ?? null, mixed: false };
}
