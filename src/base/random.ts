/**
 * Seeded randomness, the same in every engine: sfc32 (Chris Doty-Humphrey's "small fast counting" generator of PractRand,
 * 128 bits of state), its state filled by splitmix32 (the 32-bit finalizer of MurmurHash3 over a Weyl sequence), the
 * first 12 outputs discarded. A `seed` is taken modulo 2^32; `stream` gives independent sequences of one seed.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  private spare: number | undefined;

  constructor(seed: number, stream = 0) {
    const next = splitmix32((seed >>> 0) ^ Math.imul(stream + 1, 0x85ebca6b));
    [this.a, this.b, this.c] = [next(), next(), next()];
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** 0 .. 2^32 − 1 */
  uint32(): number {
    const out = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** [low, high) on a grid of 2^32. */
  uniform(low = 0, high = 1): number {
    return low + (this.uint32() / 2 ** 32) * (high - low);
  }

  /** 0 .. n − 1, each exactly as likely: values of the last, incomplete round are drawn again. */
  integer(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let value;
    do value = this.uint32();
    while (value >= limit);
    return value % n;
  }

  /** Standard normal, by the Box–Muller transform. */
  gaussian(): number {
    const { spare } = this;
    if (spare !== undefined) {
      this.spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** In place, by Fisher and Yates; returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

function splitmix32(state: number): () => number {
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
}
