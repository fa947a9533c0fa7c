import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { SourceFile } from '../core/data/types';
import { RangefinderError } from '../core/errors';

function read(path: string, name: string): SourceFile {
  const bytes = readFileSync(path);
  return { path: name, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
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
  if (stat.isFile()) return [read(path, basename(path))];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => read(file, relative(dirname(path), file).split('\\').join('/')));
}

/** A model's files: a TF.js model.json brings the shards that lie beside it. */
export function modelFiles(path: string): SourceFile[] {
  const own = sourceFiles(path);
  if (own.length !== 1 || !path.endsWith('.json')) return own;
  return [...own, ...sourceFiles(dirname(path)).filter((file) => basename(file.path) !== own[0].path)];
}
