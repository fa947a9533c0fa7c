/** Files of models and data, at a path or an address, and the hash by which they are known. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { BUDGET } from '../../base/budget';
import { RangefinderError } from '../../base/errors';
import type { SourceFile } from '../../core/data/types';
import { modelFiles, sourceFiles } from '../files';

const isAddress = (source: string) => /^https?:\/\//i.test(source);

/** A path as it is seen from a folder; addresses and "random" stay as they are. */
export function placed(source: string, folder: string): string {
  return isAddress(source) || source === 'random' ? source : resolve(folder, source);
}

/** Which files whoever plans a trial may have read here. */
export interface Allowed {
  /** A folder that paths have to lead into, links followed; null allows all. */
  readonly root: string | null;
}

/**
 * The files at a path or an address: of a model, or of data.
 * @throws RangefinderError 'missing-file', 'too-large', 'invalid-settings' for a path outside of the root
 */
export async function filesAt(source: string, kind: 'model' | 'data', { root }: Allowed): Promise<SourceFile[]> {
  if (isAddress(source)) return [await fetched(source)];
  if (root !== null) checkWithin(source, root);
  return kind === 'model' ? modelFiles(source) : sourceFiles(source);
}

function checkWithin(path: string, root: string): void {
  const real = (of: string) => {
    try {
      return realpathSync(of);
    } catch {
      return resolve(of);
    }
  };
  if (real(path) === real(root) || real(path).startsWith(real(root) + sep)) return;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: 'The path leads out of the folder that this worker reads from.',
    where: path,
    hint: 'Move the files below the folder, or start the worker with another --root.',
  });
}

/** One file of an address. Its size is counted as it comes, whatever the server says of it. */
async function fetched(address: string): Promise<SourceFile> {
  const fail = (message: string, cause?: unknown) =>
    new RangefinderError(
      { code: 'missing-file', message, where: address, hint: 'Try the address in a browser on this machine.' },
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(address);
  } catch (cause) {
    throw fail('The address cannot be reached.', cause);
  }
  if (!response.ok || !response.body) throw fail(`The server answers ${response.status}.`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BUDGET.bytes.files)
      throw new RangefinderError({
        code: 'too-large',
        message: 'The file has more than 2 GiB.',
        where: address,
        hint: 'Put it on a disk that the workers share, and name its path.',
      });
    chunks.push(chunk);
  }
  const path = decodeURIComponent(new URL(address).pathname.split('/').at(-1) ?? '') || 'download';
  return { path, bytes: new Uint8Array(Buffer.concat(chunks)) };
}

/** SHA-256 over names and contents, whatever the order: names are part of what a report says, classes among them. */
export function hashOf(parts: ReadonlyMap<string, readonly SourceFile[]>): string {
  const rows = [...parts].flatMap(([part, files]) =>
    files.map(({ path, bytes }) => `${part}\0${path}\0${createHash('sha256').update(bytes).digest('hex')}\n`),
  );
  return createHash('sha256').update(rows.sort().join('')).digest('hex');
}

/** @throws RangefinderError 'invalid-data' where the files are others than those the sweep was planned with */
export function checkHash(parts: ReadonlyMap<string, readonly SourceFile[]>, sha256: string, where: string): void {
  if (hashOf(parts) === sha256) return;
  throw new RangefinderError({
    code: 'invalid-data',
    message: 'These are not the files that the sweep was planned with: their hash is another one.',
    where,
    hint: 'Bring the files here as they were, or plan the sweep once more with those of now.',
  });
}
