/** Where two settings differ, one line a place: for runs side by side. */

export interface Difference {
  /** "weights.format" */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const absent = '–';

export function settingsDiff(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (Object.is(before, after)) return [];
  if (isTable(before) && isTable(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => settingsDiff(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  const [a, b] = [inWords(before), inWords(after)];
  return a === b ? [] : [{ path, before: a, after: b }];
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  if (value === undefined) return absent;
  if (typeof value === 'number') return String(Number(value.toPrecision(5)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
