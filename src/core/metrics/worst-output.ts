import type { MetricName } from './table';

/** A row of figures, of an output, of a part of one or of a column. */
interface Row {
  readonly name: string;
  readonly column?: number | undefined;
  readonly metric: MetricName;
  /** null where the figure is not finite. */
  readonly sqnrDb: number | null;
}

/**
 * The output, the part of one or the column with a target that is farthest from float; null where none is off. What no target
 * says anything of may be next to nothing, and far from it without harm.
 */
export function worstOutput<R extends Row>(outputs: readonly R[]): (R & { readonly sqnrDb: number }) | null {
  const known = outputs.filter(
    (row): row is R & { readonly sqnrDb: number } => row.sqnrDb !== null && Number.isFinite(row.sqnrDb),
  );
  return known.length === 0 ? null : known.reduce((worst, row) => (row.sqnrDb < worst.sqnrDb ? row : worst));
}
