import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { SourceFile } from '../core/data/types';
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
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) =>
      read(
        file,
        relative(dirname(resolve(path)), resolve(file))
          .split('\\')
          .join('/'),
      ),
    );
}

/** A model's files: a TF.js model.json brings the shards that lie beside it. */
export function modelFiles(path: string): SourceFile[] {
  const own = sourceFiles(path);
  if (own.length !== 1 || !path.endsWith('.json')) return own;
  return [...own, ...sourceFiles(dirname(path)).filter((file) => basename(file.path) !== own[0].path)];
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
