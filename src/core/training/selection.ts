/** Which of two epochs is kept. */

export interface Validated {
  readonly validationLoss: number;
  /** null where there is nothing to count. */
  readonly validationAccuracy: number | null;
}

/**
 * More right answers, where the difference is more than chance (two standard errors); else the smaller loss, which says
 * more than a handful of samples that happen to tip over.
 * @param samples validated on
 */
export function isBetter(candidate: Validated, before: Validated, samples: number): boolean {
  const [a, b] = [candidate.validationAccuracy ?? 0, before.validationAccuracy ?? 0];
  const pooled = (a + b) / 2;
  const error = Math.sqrt((pooled * (1 - pooled)) / samples);
  if (Math.abs(a - b) > 2 * error) return a > b;
  return candidate.validationLoss < before.validationLoss;
}
