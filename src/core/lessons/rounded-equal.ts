/** Whether two numbers are the same but for how they were computed: 97 % is 0.97, whichever way it was divided. */
export function roundedEqual(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}
