/** A row of figures, of an output, of a part of one or of a column. */
interface Row {
  readonly name: string;
  /** null where the figure is not finite. */
  readonly sqnrDb: number | null;
}

/** The output, the part or the column of one that is farthest from float; null where none is off. */
export function worstOutput<R extends Row>(outputs: readonly R[]): (R & { readonly sqnrDb: number }) | null {
  const known = outputs.filter(
    (row): row is R & { readonly sqnrDb: number } => row.sqnrDb !== null && Number.isFinite(row.sqnrDb),
  );
  return known.length === 0 ? null : known.reduce((worst, row) => (row.sqnrDb < worst.sqnrDb ? row : worst));
}
