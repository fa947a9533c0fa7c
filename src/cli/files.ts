import { accessSync, constants, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { SourceFile } from '../core/data/types';
import { externalFiles } from '../core/model-formats/onnx/external-data';
import { isOnnx } from '../core/model-formats/signatures';
import { RangefinderError } from '../base/errors';

function read(path: string, name: string): SourceFile {
  try {
    const bytes = readFileSync(path);
    return { path: name, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  } catch (cause) {
    throw new RangefinderError(
      { code: 'missing-file', message: 'The file cannot be read.', where: path, hint: 'Check its permissions.' },
      { cause },
    );
  }
}

/** The files at `path`, a file or a folder, as the page would get them when it is dropped. */
export function sourceFiles(path: string): SourceFile[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat)
    throw new RangefinderError({
      code: 'missing-file',
      message: 'There is no such file or folder.',
      where: path,
      hint: 'Check the path.',
    });
  if (!stat.isDirectory()) return [read(path, basename(path))];
  return filesIn(path)
    .sort()
    .map((file) => {
      const name = relative(dirname(resolve(path)), resolve(file))
        .split('\\')
        .join('/');
      const unreadable = whyUnreadable(file);
      return unreadable === undefined ? read(file, name) : { path: name, bytes: new Uint8Array(0), unreadable };
    });
}

/** Why one of many files cannot be read, which is said of it and keeps none of the others out. */
function whyUnreadable(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch {
    return lstatSync(path).isSymbolicLink()
      ? 'is a link to a file that is not there'
      : 'cannot be read: check its permissions';
  }
}

/** The files in a folder and in those within it, links followed; a folder that lies in itself is entered once. */
function filesIn(folder: string, entered: ReadonlySet<string> = new Set()): string[] {
  const place = realpathSync(folder);
  if (entered.has(place)) return [];
  const inside = new Set([...entered, place]);
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return filesIn(path, inside);
    return !stat || stat.isFile() ? [path] : [];
  });
}

/** A model's files: a TF.js model.json brings the shards that lie beside it, an ONNX file those that it names. */
export function modelFiles(path: string): SourceFile[] {
  const own = sourceFiles(path);
  const [model] = own;
  if (own.length !== 1 || statSync(path).isDirectory()) return own;
  if (path.endsWith('.json'))
    return [...own, ...sourceFiles(dirname(path)).filter((file) => basename(file.path) !== model.path)];
  return isOnnx(model.bytes) ? [...own, ...neighbours(path, externalFiles(model.bytes, path))] : own;
}

/**
 * Files beside another, by paths that lead nowhere else. A link has to stay in the folder, or to lead to where that of the
 * other file does, as caches of downloads lay them out.
 */
function neighbours(path: string, names: readonly string[]): SourceFile[] {
  const folders = [realpathSync(dirname(path)), dirname(realpathSync(path))];
  return names.flatMap((name) => {
    const neighbour = join(dirname(path), name);
    if (!statSync(neighbour, { throwIfNoEntry: false })?.isFile()) return [];
    const place = realpathSync(neighbour);
    return folders.some((folder) => place.startsWith(folder + sep)) ? [read(neighbour, name)] : [];
  });
}

/** The labels' file. @throws RangefinderError where `path` is a folder. */
export function labelFile(path: string): SourceFile {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return sourceFiles(path)[0];
  throw new RangefinderError({
    code: 'invalid-data',
    message: 'Labels are one file, and this is a folder.',
    where: path,
    hint: 'Give a .npy, IDX or CSV file, or text with one label per line.',
  });
}

/** Refuses a place that cannot be written to before the work is done, not after it. */
export function checkWritable(path: string): void {
  const refuse = (message: string, hint: string) => {
    throw new RangefinderError({ code: 'missing-file', message, where: path, hint });
  };
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    refuse('This is a folder; the result is a file.', 'Give a file name in it.');
  const folder = dirname(resolve(path));
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    refuse(`The folder ${folder} is missing or cannot be written to.`, 'Make the folder first, or write elsewhere.');
  }
}
