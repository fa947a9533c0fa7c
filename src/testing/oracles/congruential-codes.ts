/** Bytes of a congruential generator, as `codes` of scripts/oracles/runtimes.py makes them. */
export function congruentialCodes(count: number, sample: number): Int8Array {
  let state = sample + 1;
  return Int8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) - 128;
  });
}
