/** The project file: a zip that begins with its manifest, so that the first bytes tell what it is. */
import { zipSync, type Zippable } from 'fflate';
import { RangefinderError } from '../../base/errors';
import type { QatCheckpoint } from '../training/checkpoint';
import type { SourceFile } from '../data/types';
import { openZip, type LazyFile } from '../data/zip';
import { checkpointBytes, readCheckpointBytes } from './checkpoint-bytes';
import { readManifest, type Manifest } from './manifest';

export const MANIFEST_NAME = 'rangefinder.json';
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

export interface TrainedWork {
  readonly id: string;
  readonly checkpoint: QatCheckpoint;
  /** How it came about, as the browser keeps it. */
  readonly summary: unknown;
}

export interface Project {
  readonly manifest: Manifest;
  readonly model: readonly SourceFile[];
  readonly data: readonly SourceFile[];
  readonly trained: readonly TrainedWork[];
  /** The report of the work, if there was one. */
  readonly report?: unknown;
  /** Samples as PNG files, by name. */
  readonly thumbnails?: readonly SourceFile[];
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value, null, 1));

/** Whether these first bytes are a project's: a zip whose first entry is the manifest. */
export function isProject(head: Uint8Array): boolean {
  return (
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    head[2] === 3 &&
    new TextDecoder().decode(head.subarray(30, 30 + MANIFEST_NAME.length)) === MANIFEST_NAME
  );
}

/** @param manifest its lists of files are filled in here */
export function writeProject({
  manifest,
  model,
  data,
  trained,
  report,
  thumbnails = [],
}: Project): Uint8Array<ArrayBuffer> {
  const listed: Manifest = {
    ...manifest,
    model: { ...manifest.model, files: model.map(({ path }) => path) },
    data: manifest.data && { ...manifest.data, files: data.map(({ path }) => path) },
    trained: trained.map(({ id }) => id),
  };
  // Written in this order: the manifest first.
  const entries: Zippable = { [MANIFEST_NAME]: json(listed) };
  for (const { path, bytes } of model) entries[`model/${path}`] = bytes;
  // Pictures and archives are compressed already.
  for (const { path, bytes } of data) entries[`data/${path}`] = [bytes, { level: 0 }];
  for (const { id, checkpoint, summary } of trained) {
    entries[`trained/${id}.json`] = json(summary);
    entries[`trained/${id}.weights`] = checkpointBytes(checkpoint);
  }
  if (report !== undefined) entries['report.json'] = json(report);
  for (const { path, bytes } of thumbnails) entries[`thumbnails/${path}`] = [bytes, { level: 0 }];
  return zipSync(entries, { level: 6, mtime: new Date('1980-01-01T00:00:00') });
}

/**
 * @param name of the file, for errors
 * @throws RangefinderError 'corrupt-file', 'unsupported-feature' for a newer version, 'too-large', 'missing-file' for what
 *   the manifest names and the archive lacks
 */
export function readProject(bytes: Uint8Array, name: string): Project {
  const entries = new Map(openZip(bytes, name).map((file) => [file.path, file]));
  const entry = (path: string): LazyFile => {
    const file = entries.get(path);
    if (file) return file;
    throw new RangefinderError({
      code: 'missing-file',
      message: `The project names a file that it does not hold: ${path}.`,
      where: name,
      hint: 'It is damaged; save it again from the page it came from.',
    });
  };
  const head = entry(MANIFEST_NAME);
  if (head.size > MAX_MANIFEST_BYTES)
    throw new RangefinderError({
      code: 'too-large',
      message: `The project’s manifest has ${head.size} bytes.`,
      where: name,
      hint: 'This is more than any work makes of itself; the file is damaged.',
    });
  const manifest = readManifest(parseJson(head.bytes(), name), name);
  const under = (folder: string) => (path: string) => ({ path, bytes: entry(`${folder}/${path}`).bytes() });
  const report = entries.get('report.json');
  return {
    manifest,
    model: manifest.model.files.map(under('model')),
    data: (manifest.data?.files ?? []).map(under('data')),
    trained: manifest.trained.map((id) => ({
      id,
      summary: parseJson(entry(`trained/${id}.json`).bytes(), name),
      checkpoint: readCheckpointBytes(entry(`trained/${id}.weights`).bytes(), name),
    })),
    ...(report && { report: parseJson(report.bytes(), name) }),
    thumbnails: [...entries.values()]
      .filter(({ path }) => path.startsWith('thumbnails/'))
      .map((file) => ({ path: file.path.slice('thumbnails/'.length), bytes: file.bytes() })),
  };
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new RangefinderError({
      code: 'corrupt-file',
      message: 'A part of the project is no JSON.',
      where,
      hint: 'It is damaged; save it again from the page it came from.',
    });
  }
}
