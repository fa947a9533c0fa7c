import type { OpId } from '../../../core/graph/graph';

/** How a row was picked. */
export interface Pick {
  readonly id: OpId;
  /** Shift: all from the current row to this one. */
  readonly extend: boolean;
  /** Ctrl, a checkbox, the space bar: this one in or out, the others stay. */
  readonly toggle: boolean;
}

/**
 * The layers that are marked then, in the order shown.
 * @param current where a range starts; it joins in when a first other layer is added with Ctrl
 */
export function markedAfter(
  { id, extend, toggle }: Pick,
  shown: readonly OpId[],
  marked: readonly OpId[],
  current: OpId | null,
): OpId[] {
  const next = new Set(toggle ? marked : []);
  if (extend) {
    const [from, to] = [shown.indexOf(current ?? id), shown.indexOf(id)];
    const start = from < 0 ? to : from;
    for (const each of shown.slice(Math.min(start, to), Math.max(start, to) + 1)) next.add(each);
  } else if (!next.delete(id)) next.add(id);
  // Layers that a search hides stay marked, after those in sight.
  return [...shown.filter((each) => next.has(each)), ...[...next].filter((each) => !shown.includes(each))];
}
