/** Which of two epochs is kept. */

export interface Validated {
  readonly validationLoss: number;
  /** null where there is nothing to count. */
  readonly validationAccuracy: number | null;
}

/**
 * Whether as many right answers as these differ by no more than two standard errors.
 * @param samples validated on
 */
export function isWithinChance(a: number, b: number, samples: number): boolean {
  const pooled = (a + b) / 2;
  return Math.abs(a - b) <= 2 * Math.sqrt((pooled * (1 - pooled)) / samples);
}

/**
 * More right answers, where the difference is more than chance; else the smaller loss, which says more than a handful of
 * samples that happen to tip over.
 * @param samples validated on
 */
export function isBetter(candidate: Validated, before: Validated, samples: number): boolean {
  const [a, b] = [candidate.validationAccuracy ?? 0, before.validationAccuracy ?? 0];
  return isWithinChance(a, b, samples) ? candidate.validationLoss < before.validationLoss : a > b;
}

/** Whether it answers no sample fewer right than the untrained model does: what does is never kept, whatever its loss. */
export function holdsUp(candidate: Validated, untrained: Validated): boolean {
  return (candidate.validationAccuracy ?? 0) >= (untrained.validationAccuracy ?? 0);
}

/**
 * What training brought, where that is nothing or no more than chance; null where it is more, or nothing is counted.
 * @param best the epoch that is kept; the untrained model itself where none was better
 */
export function doubtOf(best: Validated, untrained: Validated, samples: number): string | null {
  if (best === untrained)
    return 'No epoch had a smaller loss and as many right answers as the untrained model on the validation samples: the untrained one is kept.';
  const [after, before] = [best.validationAccuracy, untrained.validationAccuracy];
  if (after === null || before === null || !isWithinChance(after, before, samples)) return null;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `Of ${samples} validation samples ${percent(after)} are right after training, ${percent(before)} before: within chance.`;
}
