import type { Vault } from '../../state/kept/vault';

/** A vault in memory; values are copied as IndexedDB copies them. */
export class FakeVault implements Vault {
  readonly values = new Map<string, unknown>();
  /** Entries that there is room for. */
  room = Infinity;
  /** Thrown by everything, as by a browser that allows no storage. */
  refusal: Error | null = null;

  async keys(): Promise<readonly string[]> {
    this.check();
    return [...this.values.keys()];
  }

  async get(keys: readonly string[]): Promise<readonly unknown[]> {
    this.check();
    return keys.map((key) => structuredClone(this.values.get(key)));
  }

  async set(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    this.check();
    const keys = new Set([...this.values.keys(), ...entries.map(([key]) => key)]);
    if (keys.size > this.room) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    for (const [key, value] of entries) this.values.set(key, structuredClone(value));
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.check();
    for (const key of keys) this.values.delete(key);
  }

  private check(): void {
    if (this.refusal) throw this.refusal;
  }
}
