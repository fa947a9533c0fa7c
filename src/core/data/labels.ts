/** What the values beside the samples mean: class indices or regression targets. */
import { elementCount } from '../graph/graph';
import type { SampleSource } from './types';

export type LabelFields = Pick<SampleSource, 'labels' | 'targets' | 'classNames'>;

/** Class indices beyond this are taken for something else (identifiers, prices). */
const MAX_CLASS = 100_000;

/**
 * One row of `rowShape` values per sample. One-hot rows are classes. Single whole numbers are classes if the file says so
 * (`areClasses`: an integer type, a column called label), or else if they are 0 .. k−1 without a gap and repeat; all other
 * values are targets.
 */
export function interpretLabels(
  values: ArrayLike<number>,
  rowShape: readonly number[],
  areClasses: boolean,
): LabelFields {
  const width = elementCount(rowShape);
  const labels = width === 1 ? classIndices(values, areClasses) : oneHotIndices(values, width);
  if (labels) return { labels };
  return { targets: { shape: rowShape.length > 0 ? rowShape : [1], values: Float32Array.from(values) } };
}

/** What spreadsheets, pandas, R and databases write where there is nothing. */
const NOTHING = /^(|#?n\/a|nan)$/i;
/** Among numbers, words are no classes. */
const NOTHING_AMONG_NUMBERS = /^(|#?n\/a|na|<na>|nan|none|null|nil|\?|-|\.)$/i;

/** Whether a cell of a label column holds no label. @param amongNumbers whether all others are numbers */
export function isMissing(cell: string, amongNumbers: boolean): boolean {
  return (amongNumbers ? NOTHING_AMONG_NUMBERS : NOTHING).test(cell);
}

/** Labels as they were read, and the samples that have none, by their position, with why. */
export interface ReadLabels {
  readonly fields: LabelFields;
  readonly missing: ReadonlyMap<number, string>;
}

/**
 * As {@link interpretLabels}, where rows may hold no label: NaN or infinity, or minus one among classes, which stands for
 * "not labelled". A missing label is no class of its own, nor may it make targets of all others.
 */
export function labelsOfNumbers(
  values: ArrayLike<number>,
  rowShape: readonly number[],
  areClasses: boolean,
): ReadLabels {
  const width = elementCount(rowShape);
  const rows = width > 0 ? values.length / width : 0;
  const missing = new Map<number, string>();
  const isClass = (value: number) => Number.isInteger(value) && value >= -1;
  const marksMissing = width === 1 && areClasses && Array.from(values).every(isClass);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) missing.set(Math.floor(i / width), 'has no label (NaN or infinity)');
    else if (marksMissing && values[i] === -1) missing.set(i, 'has no label (−1)');
  }
  if (missing.size === 0 || missing.size === rows)
    return { fields: interpretLabels(values, rowShape, areClasses), missing: new Map() };
  const filled = Float64Array.from(values);
  const filler = Array.from({ length: rows }, (_, i) => i).find((i) => !missing.has(i))!;
  for (const row of missing.keys()) filled.copyWithin(row * width, filler * width, (filler + 1) * width);
  return { fields: interpretLabels(filled, rowShape, areClasses), missing };
}

/** The same for names; see {@link isMissing}. */
export function labelsOfWords(words: readonly string[]): ReadLabels {
  const missing = new Map(words.flatMap((word, i) => (isMissing(word, false) ? [[i, 'has no label'] as const] : [])));
  const filler = words.find((_, i) => !missing.has(i));
  if (filler === undefined) return { fields: labelsOfNames(words), missing: new Map() };
  return { fields: labelsOfNames(words.map((word, i) => (missing.has(i) ? filler : word))), missing };
}

/** Names in place of indices: numbered in code point order, as Keras numbers class folders. */
export function labelsOfNames(names: readonly string[]): Required<Pick<SampleSource, 'labels' | 'classNames'>> {
  const classNames = sortedClassNames(new Set(names));
  const index = new Map(classNames.map((name, i) => [name, i]));
  return { labels: Int32Array.from(names, (name) => index.get(name)!), classNames };
}

/** Code point order; names that are all whole numbers in the order of the numbers. */
function sortedClassNames(names: ReadonlySet<string>): string[] {
  const list = [...names];
  if (list.every((name) => /^\d+$/.test(name))) return list.sort((a, b) => Number(a) - Number(b));
  return list.sort((a, b) => (a < b ? -1 : Number(a > b)));
}

function classIndices(values: ArrayLike<number>, areClasses: boolean): Int32Array | undefined {
  const labels = Int32Array.from(values);
  for (let i = 0; i < labels.length; i++)
    if (labels[i] !== values[i] || labels[i] < 0 || labels[i] > MAX_CLASS) return undefined;
  if (areClasses) return labels;
  const classes = new Set(labels);
  const gapless = classes.size > 1 && Math.max(...classes) === classes.size - 1;
  return gapless && 2 * classes.size <= Math.max(4, labels.length) ? labels : undefined;
}

function oneHotIndices(values: ArrayLike<number>, width: number): Int32Array | undefined {
  const labels = new Int32Array(values.length / width).fill(-1);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const row = Math.floor(i / width);
    if (values[i] !== 1 || labels[row] >= 0) return undefined;
    labels[row] = i % width;
  }
  return labels.includes(-1) ? undefined : labels;
}
