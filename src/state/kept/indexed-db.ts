import { createStore, delMany, getMany, keys, setMany } from 'idb-keyval';
import type { Vault } from './vault';

/** The browser's IndexedDB. Opened on first use: a browser that refuses it says so when something is to be kept. */
export function indexedDbVault(database: string, name: string): Vault {
  let opened: ReturnType<typeof createStore> | undefined;
  const store = () => (opened ??= createStore(database, name));
  return {
    keys: async () => (await keys(store())).filter((key) => typeof key === 'string'),
    get: async (wanted) => getMany([...wanted], store()),
    set: async (entries) =>
      setMany(
        entries.map(([key, value]) => [key, value]),
        store(),
      ),
    delete: async (unwanted) => delMany([...unwanted], store()),
  };
}
