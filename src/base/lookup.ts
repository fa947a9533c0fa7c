/**
 * Plain objects whose keys come from files. Every object inherits `constructor`, `toString` and their like and treats an
 * assignment to `__proto__` as something else, and a layer or a tensor may be called just so: here only what an object
 * itself holds is an answer, and every name is a name.
 */

/** What `record` itself holds under `key`; undefined where it holds nothing, or where there is no record or no key. */
export function lookup<T>(
  record: Readonly<Record<string, T>> | null | undefined,
  key: string | null | undefined,
): T | undefined {
  return record && key !== null && key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Sets `record[key]` and returns `value`, whatever the key is called. */
export function put<T>(record: Record<string, T>, key: string, value: T): T {
  Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  return value;
}
