import type { PageLocks } from '../project/autosave';

/** The browser's own locks, which end with their page. Without them every page counts as gone but this one. */
export function pageLocks(): PageLocks {
  const mine = new Set<string>();
  return {
    hold(name) {
      mine.add(name);
      void navigator.locks?.request(`rangefinder ${name}`, () => new Promise(() => {}));
    },
    async held() {
      const query = await navigator.locks?.query();
      const names = (query?.held ?? []).flatMap(({ name }) =>
        name?.startsWith('rangefinder ') ? [name.slice(12)] : [],
      );
      return new Set([...mine, ...names]);
    },
  };
}
