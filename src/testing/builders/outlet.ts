import type { Outlet } from '../../cli/sweep/engine';

/** Remembers what came of which trial. */
export function rememberingOutlet() {
  const done: string[] = [];
  const reports = new Map<string, unknown>();
  const givenUp: Parameters<Outlet['givenUp']>[0][] = [];
  const outlet: Outlet = {
    done: (key, report) => {
      done.push(key);
      reports.set(key, report);
    },
    givenUp: (failure) => void givenUp.push(failure),
  };
  return { outlet, done, reports, givenUp };
}
