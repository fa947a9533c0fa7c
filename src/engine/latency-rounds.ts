/** A median of fewer tells little. */
const LEAST_ROUNDS = 3;
/** What measuring one model may take, ms: its speed is no more worth than that, however large it is. */
const MOST_TIME = 500;

/**
 * Whether to time a model once more.
 * @param milliseconds that the rounds so far took
 */
export function isWorthARound(rounds: number, milliseconds: number): boolean {
  return rounds < LEAST_ROUNDS || milliseconds < MOST_TIME;
}
