/** Undo and redo over immutable values. Equal consecutive `coalesce` keys are one step: a drag, a slider, a typed number. */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  readonly coalesce: string | null;
}

/** Steps kept; settings are small, but not free. */
const DEPTH = 200;

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [], coalesce: null };
}

/** A new present. With the key of the step before, it replaces that step's outcome instead of adding one. */
export function push<T>(history: History<T>, present: T, coalesce: string | null = null): History<T> {
  if (present === history.present) return history;
  if (coalesce !== null && coalesce === history.coalesce) return { ...history, present, future: [] };
  return { past: [...history.past, history.present].slice(-DEPTH), present, future: [], coalesce };
}

/** Replaces the present without a step: for values the machine filled in, which nobody would want to undo. */
export function amend<T>(history: History<T>, present: T): History<T> {
  return { ...history, present };
}

/** Ends coalescing: the next change is a step of its own whatever its key. */
export function seal<T>(history: History<T>): History<T> {
  return history.coalesce === null ? history : { ...history, coalesce: null };
}

export function undo<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future], coalesce: null };
}

/** Back before the last step, as if it had never been: there is nothing to redo. */
export function withdraw<T>(history: History<T>): History<T> {
  return { ...undo(history), future: [] };
}

export function redo<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, coalesce: null };
}
