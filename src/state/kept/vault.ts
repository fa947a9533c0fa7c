/** A place for values by key that outlives the page. Values are whatever structured clone can copy. */
export interface Vault {
  keys(): Promise<readonly string[]>;
  /** undefined for keys that are not there. */
  get(keys: readonly string[]): Promise<readonly unknown[]>;
  /** All of them or none. Rejects with a DOMException "QuotaExceededError" where there is no room. */
  set(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
}
