/** Arrays as JSON: what tokenizers give, {"input_ids": [[…]], …}, a list of such samples, or one of them a line. */
import { RangefinderError } from '../../../base/errors';
import { labelsOfWords } from '../labels';
import type { InputPlace } from '../match-inputs';
import type { NpyArray } from '../npy';
import type { DataOpener } from './opener';
import { labelsOfArray, namedArrays } from './npy';

/** A key whose value is numbers. */
const NUMBERS = /"[^"]+"\s*:\s*\[[\s[]*-?\d/;
/** What has lists of numbers, too, and is about pictures. */
const ANNOTATIONS = /"(images|annotations|categories|bbox|file_name|segmentation)"\s*:/;

const LABEL = /^(labels?|targets?|y|class)$/i;

export const jsonOpener: DataOpener = {
  id: 'json',
  label: 'arrays as JSON, such as tokenised text',
  recognises(head) {
    const text = new TextDecoder().decode(head);
    return /^\s*[[{]/.test(text) && NUMBERS.test(text) && !ANNOTATIONS.test(text);
  },
  open(files, { inputs = [] }) {
    const columns = new Map<string, unknown[]>();
    for (const file of files)
      for (const [name, values] of columnsOf(file.path, new TextDecoder().decode(file.bytes())))
        columns.set(name, [...(columns.get(name) ?? []), ...values]);
    const wanted = [...columns].filter(
      ([name, values]) => values.every(isNumeric) || (LABEL.test(name) && values.every(isWord)),
    );
    if (wanted.length === 0) throw unfit(files[0].path, 'It holds no arrays of numbers.');
    return namedArrays(
      wanted.map(([name, values]) => ({
        path: name,
        array: () => arrayOf(name, values, inputs),
        labels: () =>
          values.every(isWord)
            ? { ...labelsOfWords(values), count: values.length }
            : labelsOfArray(arrayOf(name, values, inputs)),
      })),
      inputs,
    );
  },
};

/** By name, the value of each sample. */
function columnsOf(path: string, text: string): Map<string, unknown[]> {
  const content = parsed(path, text);
  if (!Array.isArray(content))
    return new Map(
      Object.entries(content as object).filter((column): column is [string, unknown[]] => Array.isArray(column[1])),
    );
  const columns = new Map<string, unknown[]>();
  for (const [i, row] of content.entries()) {
    if (typeof row !== 'object' || row === null) throw unfit(path, `Sample ${i} is no object.`);
    for (const [name, value] of Object.entries(row as Readonly<Record<string, unknown>>)) {
      const column = columns.get(name) ?? [];
      column.push(value);
      columns.set(name, column);
    }
  }
  return columns;
}

/** One value, or one for each line; a single sample is a list of one. */
function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    try {
      return lines.map((line) => JSON.parse(line) as unknown);
    } catch (cause) {
      throw unfit(path, 'The file is no JSON, and no JSON in its lines.', cause);
    }
  }
}

const isWord = (value: unknown): value is string => typeof value === 'string';

function isNumeric(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isNumeric) : typeof value === 'number' || typeof value === 'boolean';
}

/**
 * Samples along the first dimension. Those of several lengths, as without padding, are filled up with zeros to what the model
 * takes: tokens that a mask of zeros hides.
 */
function arrayOf(name: string, values: readonly unknown[], inputs: readonly InputPlace[]): NpyArray {
  const shapes = values.map(shapeOf);
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const longest = Array.from({ length: rank }, (_, axis) => Math.max(...shapes.map((shape) => shape[axis] ?? 0)));
  const isRagged = shapes.some((shape) => shape.join() !== longest.join());
  const wanted = inputs.find(({ names }) => names.includes(name))?.shape;
  const fits = wanted?.length === rank && wanted.every((size, axis) => size >= longest[axis]);
  if (isRagged && wanted && !fits)
    throw unfit(name, `Its longest sample is of ${longest.join('×')}, and the model takes ${wanted.join('×')}.`);
  const shape = fits && rank === 1 ? wanted : longest;
  const width = shape.reduce((n, d) => n * d, 1);
  const data = new Float64Array(values.length * width);
  values.forEach((value, i) => fill(data, i * width, value, shape));
  const all = [values.length, ...shape];
  return data.every(Number.isSafeInteger)
    ? { shape: all, dtype: 'int64', data: BigInt64Array.from(data, BigInt) }
    : { shape: all, dtype: 'float64', data };
}

/** Of nested lists, the longest of each depth. */
function shapeOf(value: unknown): number[] {
  if (!Array.isArray(value)) return [];
  const inner = value.map(shapeOf);
  const rank = Math.max(0, ...inner.map((shape) => shape.length));
  const longest = Array.from({ length: rank }, (_, axis) => Math.max(...inner.map((shape) => shape[axis] ?? 0)));
  return [value.length, ...longest];
}

function fill(data: Float64Array, at: number, value: unknown, [, ...rest]: readonly number[]): void {
  if (!Array.isArray(value)) {
    data[at] = Number(value);
    return;
  }
  const width = rest.reduce((n, d) => n * d, 1);
  value.forEach((part, i) => fill(data, at + i * width, part, rest));
}

function unfit(where: string, message: string, cause?: unknown): RangefinderError {
  const hint = 'Write {"input_ids": [[…], …], "attention_mask": [[…], …], "labels": […]}, or one sample a line.';
  return new RangefinderError({ code: 'invalid-data', message, where, hint }, { cause });
}
