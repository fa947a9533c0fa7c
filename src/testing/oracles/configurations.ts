/** All ways to give each of so many layers one of so many choices. */
export function everyConfiguration(layers: number, choices: number): number[][] {
  return Array.from({ length: choices ** layers }, (_, n) =>
    Array.from({ length: layers }, (_, layer) => Math.floor(n / choices ** layer) % choices),
  );
}
