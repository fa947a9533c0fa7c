/** How much of a file is compared with the integer reference, beside its score, which is of all samples. */

/** auto: as many samples as {@link VERIFY_BUDGET} allows; full: all that are evaluated on; a number: so many; off: no check of the file at all. */
export type VerifyChoice = 'auto' | 'full' | 'off' | number;

/** Milliseconds that the comparison may take by default; one sample is compared whatever it takes. */
export const VERIFY_BUDGET = 2000;
/** More samples of most models tell nothing new. */
const USUAL = 16;

interface ComparedPart {
  readonly compareSamples: number;
  /** Absent: all of these samples, however long it takes. */
  readonly compareBudget?: number;
}

/** What the job is told. */
export function comparedPart(choice: Exclude<VerifyChoice, 'off'> = 'auto'): ComparedPart {
  if (choice === 'auto') return { compareSamples: USUAL, compareBudget: VERIFY_BUDGET };
  return { compareSamples: choice === 'full' ? Infinity : choice };
}

/** "all 500 samples", "3 of 500 samples", "the one sample". */
export function comparedText({ samples, of }: { readonly samples: number; readonly of: number }): string {
  if (of === 1 && samples === 1) return 'the one sample';
  const count = of.toLocaleString('en');
  return samples === of ? `all ${count} samples` : `${samples.toLocaleString('en')} of ${count} samples`;
}
