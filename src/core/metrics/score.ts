/** What a classifier's output says. An output that holds NaN says nothing: it is never right and agrees with nothing. */

/** Index of the largest value, the lowest one of equals; NaN, which equals no index, where a value is NaN. */
export function argmax(output: ArrayLike<number>): number {
  let best = 0;
  for (let i = 0; i < output.length; i++) {
    if (Number.isNaN(output[i])) return NaN;
    if (output[i] > output[best]) best = i;
  }
  return output.length > 0 ? best : NaN;
}

/** Whether `index` is among the k largest values; of equal values the lower index counts as larger. */
export function inTop(output: ArrayLike<number>, index: number, k: number): boolean {
  const value = output[index];
  if (value === undefined) return false;
  let ahead = 0;
  for (let i = 0; i < output.length; i++) {
    if (Number.isNaN(output[i])) return false;
    if (output[i] > value || (output[i] === value && i < index)) ahead++;
  }
  return ahead < k;
}
