import type { StudioOptions } from '../../state/controller';
import type { PageLocks } from '../../state/project/autosave';
import { FakeVault } from './fake-vault';

/** Locks of pages in one process: a page lives until `release` says otherwise. */
export class FakeLocks implements PageLocks {
  private readonly names = new Set<string>();

  hold(name: string): void {
    this.names.add(name);
  }

  async held(): Promise<ReadonlySet<string>> {
    return new Set(this.names);
  }

  release(name: string): void {
    this.names.delete(name);
  }
}

/** What a controller needs of its browser besides the network. */
export function fakeHosts(): Omit<StudioOptions, 'fetcher' | 'pageUrl'> {
  return {
    vault: new FakeVault(),
    workVault: new FakeVault(),
    locks: new FakeLocks(),
    page: 'this page',
    storedBytes: async () => null,
  };
}
