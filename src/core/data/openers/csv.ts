/** Tables of numbers as text, and the labels in them. */
import Papa from 'papaparse';
import { RangefinderError } from '../../../base/errors';
import { interpretLabels, isMissing, labelsOfNames, type LabelFields } from '../labels';
import { decodeText, isUtf16 } from '../text';
import type { LazyFile } from '../zip';
import type { LeftOut } from '../types';
import type { DataOpener } from './opener';

/** Text this long would be held three times over while it is parsed. */
const MAX_TEXT = 2 ** 28;

/** Strings of one file, all rows of equal length. */
export interface Table {
  readonly header?: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What was assumed of its text, for people. */
  readonly notes: readonly string[];
}

const CLASS_HEADER = /^(labels?|class(es)?)$/i;
const TARGET_HEADER = /^(targets?|y)$/i;
/** What pandas calls the index it writes. */
const INDEX_HEADER = /^(|unnamed: 0)$/i;

export const csvOpener: DataOpener = {
  id: 'csv',
  label: 'CSV tables of numbers',
  recognises: isText,
  open(files, { sampleElements }) {
    if (files.length > 1)
      throw new RangefinderError({
        code: 'invalid-data',
        message: `There are ${files.length} text files; one table is opened at a time.`,
        hint: 'Drop the table alone, its labels as the last column or in a column called label.',
        details: files.slice(0, 20).map(({ path }) => path),
      });
    const [file] = files;
    const whole = parseTable(file);
    const width = whole.rows[0].length;
    const columns = Array.from({ length: width }, (_, c) => c).filter((c) => c > 0 || !isIndex(whole));
    const label = columns.length === sampleElements ? undefined : labelColumn(whole, columns);
    const features = columns.filter((c) => c !== label);
    if (features.length === 0) throw noColumns(file.path);
    const { table, leftOut } = label === undefined ? { table: whole, leftOut: [] } : labelled(whole, label);
    const { rows } = table;
    const values = numericColumns(table, features, file.path);
    const shape = [features.length];
    return {
      name: file.path,
      kind: 'table',
      size: rows.length,
      leftOut,
      notes: whole.notes,
      ...(label !== undefined && labelsOfColumn(table, label, false)),
      read: async (index) => ({
        shape,
        values: values.subarray(index * features.length, (index + 1) * features.length),
      }),
    };
  },
};

/** No control characters in what can be seen of it, and no JSON or markup. */
export function isText(head: Uint8Array): boolean {
  if (isUtf16(head)) return true;
  const isControl = (byte: number) => byte < 9 || (byte > 13 && byte < 32);
  return head.length > 0 && !head.some(isControl) && !/^\s*[[{<]/.test(new TextDecoder().decode(head));
}

/** @throws RangefinderError 'too-large', 'invalid-data' for rows of different lengths and text without rows. */
export function parseTable(file: LazyFile): Table {
  if (file.size > MAX_TEXT)
    throw new RangefinderError({
      code: 'too-large',
      message: `The table is ${Math.round(file.size / 2 ** 20)} MiB of text; up to ${MAX_TEXT / 2 ** 20} MiB are read.`,
      where: file.path,
      hint: 'Take some thousand rows, or save them with numpy.save.',
    });
  const { text, guessed } = decodeText(file.bytes());
  const notes = guessed === null ? [] : [`The text of ${file.path} was read as ${guessed}.`];
  const { data } = Papa.parse<string[]>(text, { skipEmptyLines: 'greedy' });
  const [first, second] = data;
  if (!first) throw noColumns(file.path);
  const odd = data.findIndex((row) => row.length !== first.length);
  if (odd >= 0)
    throw new RangefinderError({
      code: 'invalid-data',
      message: `Row ${odd + 1} has ${data[odd].length} columns, the first row ${first.length}.`,
      where: file.path,
      hint: 'Give every row as many values, separated alike.',
    });
  const words = second ? first.some((cell, c) => !isNumber(cell) && isNumber(second[c])) : !first.some(isNumber);
  const isHeader = words || first.some((cell) => isLabelHeader(cell.trim()));
  if (!isHeader) return { rows: data, notes };
  if (data.length === 1) throw noColumns(file.path);
  return { header: first.map((cell) => cell.trim()), rows: data.slice(1), notes };
}

/** The rows that have a label; a missing one is no class of its own, which would shift the numbers of all others. */
function labelled(table: Table, column: number): { table: Table; leftOut: LeftOut[] } {
  const first = table.header ? 2 : 1;
  const missing = missingLabels(table, column);
  if (missing.size === 0) return { table, leftOut: [] };
  const leftOut = [...missing].map(([row, reason]) => ({ name: `row ${row + first}`, reason }));
  return { table: { ...table, rows: table.rows.filter((_, row) => !missing.has(row)) }, leftOut };
}

/**
 * Row → why its cell is no label; none where no row has one.
 * @param areClasses what a column without a telling name holds
 */
export function missingLabels({ header, rows }: Table, column: number, areClasses = false): Map<number, string> {
  const cells = rows.map((row) => row[column].trim());
  const areNumbers = cells.every((cell) => isNumber(cell) || isMissing(cell, true));
  const isClass = (cell: string) => isMissing(cell, true) || /^(-1|\+?\d+)(\.0*)?$/.test(cell);
  const marksMissing = holdsClasses(header?.[column] ?? '', areClasses) && cells.every(isClass);
  const missing = new Map<number, string>();
  cells.forEach((cell, row) => {
    const isNone = isMissing(cell, areNumbers) || (areNumbers && !isFiniteNumber(cell));
    if (isNone || (marksMissing && Number(cell) === -1))
      missing.set(row, cell === '' ? 'has no label' : `has no label (${cell})`);
  });
  return missing.size < rows.length ? missing : new Map<number, string>();
}

/** Whether numbers of a column are classes, by its name. */
function holdsClasses(name: string, areClasses: boolean): boolean {
  return CLASS_HEADER.test(name) || (areClasses && !TARGET_HEADER.test(name));
}

/** The column called label, class, target or y, else the last one; a single column is no label. */
export function labelColumn({ header }: Table, columns: readonly number[]): number | undefined {
  const named = header ? columns.find((c) => isLabelHeader(header[c])) : undefined;
  return named ?? (columns.length > 1 ? columns.at(-1) : undefined);
}

/**
 * Words become classes, numbers class indices or targets (see `interpretLabels`).
 * @param areClasses what a column without a telling name holds.
 */
export function labelsOfColumn(
  { header, rows }: Pick<Table, 'header' | 'rows'>,
  column: number,
  areClasses: boolean,
): LabelFields {
  const cells = rows.map((row) => row[column].trim());
  if (!cells.every(isFiniteNumber)) return labelsOfNames(cells);
  return interpretLabels(cells.map(Number), [], holdsClasses(header?.[column] ?? '', areClasses));
}

function isIndex({ header }: Table): boolean {
  return header !== undefined && header.length > 1 && INDEX_HEADER.test(header[0]);
}

/** A cell that was left empty, or says so, is NaN, for which its row is left out; where most rows have one, the table is none. */
function numericColumns({ header, rows }: Table, columns: readonly number[], path: string): Float32Array {
  const values = new Float32Array(rows.length * columns.length);
  const problems: string[] = [];
  const incomplete = rows.filter((row) => columns.some((c) => isMissing(row[c].trim(), true))).length;
  const mayMiss = 2 * incomplete < rows.length;
  rows.forEach((row, r) =>
    columns.forEach((c, i) => {
      if (mayMiss && isMissing(row[c].trim(), true)) values[r * columns.length + i] = NaN;
      else if (isNumber(row[c])) values[r * columns.length + i] = numberOf(row[c]);
      else if (problems.length < 20)
        problems.push(`row ${r + (header ? 2 : 1)}, column ${header?.[c] ?? c + 1}: "${row[c].slice(0, 40)}"`);
    }),
  );
  if (problems.length === 0) return values;
  throw new RangefinderError({
    code: 'invalid-data',
    message: `Not every cell is a number: ${problems[0]}.`,
    where: path,
    hint: 'Leave out columns of text and fill empty cells; only the label column may hold words.',
    details: problems,
  });
}

const isLabelHeader = (name: string) => CLASS_HEADER.test(name) || TARGET_HEADER.test(name);

/** How programs write what is no finite number: C, Python, JavaScript, R. */
const NON_FINITE = /^[+-]?(inf|infinity|nan)$/i;
/** Digits; some are more than a float holds, and stand for infinity then. */
const DIGITS = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** What a cell stands for; NaN, too, for words that are no numbers. */
function numberOf(cell: string): number {
  const text = cell.trim();
  if (!NON_FINITE.test(text)) return text === '' ? NaN : Number(text);
  if (/nan/i.test(text)) return NaN;
  return text.startsWith('-') ? -Infinity : Infinity;
}

const isFiniteNumber = (cell: string) => Number.isFinite(numberOf(cell));

/** Infinity and NaN are numbers of a table, if none that anything can be computed with. */
function isNumber(cell: string): boolean {
  const text = cell.trim();
  return NON_FINITE.test(text) || DIGITS.test(text) || isFiniteNumber(cell);
}

const noColumns = (where: string) =>
  new RangefinderError({
    code: 'invalid-data',
    message: 'The text holds no rows of numbers.',
    where,
    hint: 'Drop a CSV file with one sample per row.',
  });
