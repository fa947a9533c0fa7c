/** Hands out names that are not taken yet: the wanted one, or the wanted one with the next free number behind it. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  take(wanted: string): string {
    let name = wanted;
    let n = this.#next.get(wanted) ?? 1;
    while (this.#taken.has(name)) name = `${wanted}_${n++}`;
    this.#next.set(wanted, n);
    this.#taken.add(name);
    return name;
  }
}
