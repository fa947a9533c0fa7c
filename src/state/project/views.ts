import type { Tab } from '../slices/ui';

/** By name, for what comes from outside: a link or a file may name a view that this page does not have. */
const TABS: Readonly<Record<Tab, true>> = {
  layer: true,
  samples: true,
  diagnose: true,
  improve: true,
  mix: true,
  train: true,
  cost: true,
  runs: true,
};

export function isBuiltInTab(name: string): name is Tab {
  return Object.hasOwn(TABS, name);
}
