/** How many layers of the open model a rule is about. */
export function countText(count: number): string {
  return count === 0 ? 'no layer here' : count === 1 ? 'one layer here' : `${count} layers here`;
}
