/** Files that have not been read: a page hands its worker such handles, so that a folder of images is never in memory whole. */
import { BUDGET } from '../../base/budget';
import { RangefinderError } from '../../base/errors';
import type { SourceFile } from './types';

/** The part of a `Blob` that is used here. */
export interface Content {
  readonly size: number;
  slice(start: number, end: number): Content;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A file with its path inside the folder it came from; its content stays where it is until somebody asks. */
export interface StoredFile {
  readonly path: string;
  readonly blob: Content;
}

/** Asking for a file costs some 20 µs: thousands at once would be felt where a page does it. */
const BATCH = 256;

/** @throws RangefinderError 'too-large' for all of them together, 'missing-file' for one that is gone or has changed */
export async function readStored(files: readonly StoredFile[]): Promise<SourceFile[]> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
  if (total > BUDGET.bytes.files)
    throw new RangefinderError({
      code: 'too-large',
      message: `The files are ${(total / 2 ** 30).toFixed(1)} GiB together; the page holds up to 2 GiB.`,
      hint: 'Use a part of the data set: a few thousand samples are enough to calibrate and to evaluate.',
    });
  return inBatches(files, async (file) => ({ path: file.path, bytes: await bytesOf(file) }));
}

/** The whole content, or its first `length` bytes. @throws RangefinderError 'missing-file' */
export async function bytesOf({ path, blob }: StoredFile, length?: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await (length === undefined ? blob : blob.slice(0, length)).arrayBuffer());
  } catch (cause) {
    throw new RangefinderError(
      {
        code: 'missing-file',
        message: 'A file can no longer be read.',
        where: path,
        hint: 'It was moved, changed or deleted since it was opened; open it again.',
      },
      { cause },
    );
  }
}

/** In order, a few hundred at a time. */
export async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += BATCH)
    results.push(...(await Promise.all(items.slice(i, i + BATCH).map(work))));
  return results;
}
