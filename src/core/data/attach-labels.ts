/** Labels from a file of their own. */
import { RangefinderError } from '../../base/errors';
import { cocoBoxes, isJson } from './boxes';
import { labelsOfNumbers, type ReadLabels } from './labels';
import { isNpy } from './npy';
import { checkCounts, numbersOf } from './openers/arrays';
import { csvOpener, labelColumn, labelsOfColumn, missingLabels, parseTable, type Table } from './openers/csv';
import { idxOpener, parseIdx } from './openers/idx';
import { withoutSamples } from './left-out';
import { labelsOfNpy } from './openers/npy';
import type { SampleSource, SourceFile } from './types';
import { isGzip, openGzip, plainFile, type LazyFile } from './zip';

interface Labels extends ReadLabels {
  readonly count: number;
}

/** How labels are read from each kind of file. */
const READERS: readonly {
  readonly recognises: (head: Uint8Array) => boolean;
  readonly read: (file: LazyFile, source: SampleSource) => Labels;
}[] = [
  { recognises: isNpy, read: (file) => labelsOfNpy(file.bytes(), file.path) },
  { recognises: idxOpener.recognises, read: ofIdx },
  { recognises: csvOpener.recognises, read: (file, source) => ofTable(parseTable(file), source, file.path) },
];

/**
 * The same samples with labels (or regression targets) from `file`: .npy, IDX, CSV or text with one label per line, in the
 * samples' order, or boxes from COCO's JSON. A table whose first column names the sample files is matched by name.
 * @throws RangefinderError 'invalid-data' where counts or names do not match, 'unknown-format' for other files.
 */
export function attachLabels(source: SampleSource, file: SourceFile): SampleSource {
  const content = isGzip(file.bytes) ? openGzip(file) : plainFile(file);
  if (isJson(content.head(512)))
    return { ...source, ...cocoBoxes({ path: file.path, bytes: content.bytes() }, source) };
  const reader = READERS.find(({ recognises }) => recognises(content.head(512)));
  if (!reader)
    throw new RangefinderError({
      code: 'unknown-format',
      message: 'This is no label file.',
      where: file.path,
      hint: 'Labels can be .npy, IDX, CSV, a text file with one label per line, or COCO’s JSON for boxes.',
    });
  const { count, fields, missing } = reader.read(content, source);
  checkCounts(file.path, source.size, count);
  const { labels: _labels, classNames: _names, targets: _targets, ...unlabelled } = source;
  const named = { ...unlabelled, ...fields };
  return withoutSamples(named, missing);
}

function ofIdx(file: LazyFile): Labels {
  const { shape, dtype, data } = parseIdx(file);
  return { ...labelsOfNumbers(numbersOf(data), shape.slice(1), !dtype.startsWith('float')), count: shape[0] ?? 0 };
}

function ofTable(table: Table, source: SampleSource, where: string): Labels {
  const names = namedColumn(table, source);
  const columns = table.rows[0].map((_, c) => c).filter((c) => c !== names);
  const column = columns.length === 1 ? columns[0] : (labelColumn(table, columns) ?? 0);
  const ordered = names === undefined ? table : inSampleOrder(table, names, source, where);
  const missing = missingLabels(ordered, column, true);
  const filler = ordered.rows.find((_, i) => !missing.has(i));
  const rows = ordered.rows.map((row, i) => (filler && missing.has(i) ? filler : row));
  return { count: rows.length, fields: labelsOfColumn({ ...ordered, rows }, column, true), missing };
}

/** A file by the name that a table has for it: its path or the end of that, with or without the extension. */
function rowFinder(table: Table, column: number) {
  const rowOf = new Map(table.rows.map((row) => [row[column].trim().replace(/^\.\//, ''), row]));
  const found = (path: string) => {
    for (let name = path; ; name = name.slice(name.indexOf('/') + 1)) {
      const row = rowOf.get(name);
      if (row || !name.includes('/')) return row;
    }
  };
  return (path: string) => found(path) ?? found(path.replace(/\.[^./]+$/, ''));
}

/** The column that holds the names of sample files. */
export function namedColumn(table: Table, { sampleNames }: SampleSource): number | undefined {
  if (!sampleNames) return undefined;
  return table.rows[0]
    .map((_, c) => c)
    .find((column) => {
      const find = rowFinder(table, column);
      return sampleNames.some((name) => find(name) !== undefined);
    });
}

/** Rows in the samples' order. */
function inSampleOrder(table: Table, column: number, { sampleNames = [] }: SampleSource, where: string): Table {
  const rows = sampleNames.map(rowFinder(table, column));
  const missing = sampleNames.filter((_, i) => rows[i] === undefined);
  if (missing.length === 0) return { ...table, rows: rows as Table['rows'] };
  throw new RangefinderError({
    code: 'invalid-data',
    message: `${missing.length} of ${sampleNames.length} samples have no label: ${missing[0]} for one.`,
    where,
    hint: 'Add their lines to the label file, or remove the samples.',
    details: missing.slice(0, 20),
  });
}
