/** From what was dropped to samples: archives are looked into, formats told apart by content through one table. */
import { RangefinderError } from '../../base/errors';
import { attachLabels } from './attach-labels';
import { nameOfForeign } from './foreign';
import type { DataOpener, OpenContext } from './openers/opener';
import { OPENERS } from './openers/table';
import { bytesOf, readStored, type StoredFile } from './stored';
import type { SampleSource, SourceFile } from './types';
import { isGzip, isZip, openGzip, openZip, plainFile, type DistantFile, type LazyFile } from './zip';

/** Bytes a format is told by. */
const HEAD = 512;

/** Files systems leave in folders and archives. */
const LITTER = /(^|\/)(__MACOSX\/|\.[^/]*(\/|$)|Thumbs\.db$|desktop\.ini$)/i;

const LABEL_FILE = /(^|[/_.\- ])(y|labels?|targets?)([_.\- ][^/]*)?$/i;

/**
 * Opens what was dropped as one data set. Among several formats the one with the most files is taken; a single further
 * file called labels is taken as such.
 * @throws RangefinderError 'unknown-format', 'corrupt-file', 'too-large', 'invalid-data', 'unsupported-feature'
 */
export async function openDataSet(
  files: readonly (SourceFile | StoredFile)[],
  context: OpenContext,
): Promise<SampleSource> {
  const { present, distant } = await part(files.filter(({ path }) => !LITTER.test(path)));
  const unpacked = inPathOrder(present.flatMap(unpack));
  const groups = groupByFormat(unpacked);
  const [best] = OPENERS.map((opener) => ({
    opener,
    members: groups.get(opener) ?? [],
    far: distant.get(opener) ?? [],
  }))
    .filter(({ members, far }) => members.length + far.length > 0)
    .sort((a, b) => b.members.length + b.far.length - a.members.length - a.far.length);
  if (!best) throw nothingKnown(unpacked);
  const { opener, members, far } = best;
  const source = opener.streams
    ? opener.open(inPathOrder([...members, ...far]), context)
    : opener.open(members, context);
  const others = unpacked.filter((file) => !members.includes(file));
  const labels = others.filter(({ path }) => LABEL_FILE.test(path));
  const isLabelled = source.labels !== undefined || source.targets !== undefined;
  const named = { ...source, name: nameOf(files, source) };
  if (isLabelled || labels.length !== 1) return named;
  return attachLabels(named, { path: labels[0].path, bytes: labels[0].bytes() });
}

function inPathOrder<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

/** Files of one sample each stay on disk, known by the first of their extension; the others are read. */
async function part(files: readonly (SourceFile | StoredFile)[]) {
  const present: SourceFile[] = [];
  const stored = new Map<string, StoredFile[]>();
  for (const file of files) {
    if ('bytes' in file) present.push(file);
    else {
      const extension = extensionOf(file.path) ?? '';
      const group = stored.get(extension);
      if (group) group.push(file);
      else stored.set(extension, [file]);
    }
  }
  const distant = new Map<DataOpener, DistantFile[]>();
  const needed: StoredFile[] = [];
  for (const [extension, group] of stored) {
    const head = await bytesOf(group[0], HEAD);
    const opener = OPENERS.find((row) => extension !== '' && row.streams && row.recognises(head));
    if (!opener) needed.push(...group);
    else {
      const far = group.map((file) => ({ path: file.path, load: () => bytesOf(file) }));
      distant.set(opener, [...(distant.get(opener) ?? []), ...far]);
    }
  }
  return { present: [...present, ...(await readStored(needed))], distant };
}

function extensionOf(path: string): string | undefined {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase();
}

/** A zip's entries, a gzip's content, else the file itself; one layer of archives, and gzip within it. */
function unpack(file: SourceFile): LazyFile[] {
  if (isGzip(file.bytes)) return [openGzip(file)];
  if (!isZip(file.bytes)) return [plainFile(file)];
  return openZip(file.bytes, file.path)
    .filter(({ path }) => !LITTER.test(path))
    .map((entry) => (isGzip(entry.head(4)) ? openGzip({ path: entry.path, bytes: entry.bytes() }) : entry));
}

/**
 * Files by format. In an archive of ten thousand images it is enough to look into one of each extension: once an extension
 * is known, a file that is something else after all fails by its name when it is read.
 */
function groupByFormat(files: readonly LazyFile[]): Map<DataOpener, LazyFile[]> {
  const byExtension = new Map<string, DataOpener>();
  const groups = new Map<DataOpener, LazyFile[]>();
  for (const opener of OPENERS) groups.set(opener, []);
  for (const file of files) {
    const extension = extensionOf(file.path);
    const known = extension === undefined ? undefined : byExtension.get(extension);
    const head = known ? undefined : file.head(HEAD);
    const opener = known ?? OPENERS.find((candidate) => candidate.recognises(head!));
    if (!opener) continue;
    groups.get(opener)!.push(file);
    if (extension !== undefined) byExtension.set(extension, opener);
  }
  for (const [opener, members] of groups) if (members.length === 0) groups.delete(opener);
  return groups;
}

/** What a person would call it: the archive or file dropped, or the folder. */
function nameOf(files: readonly { readonly path: string }[], source: SampleSource): string {
  if (files.length === 1) return files[0].path.slice(files[0].path.lastIndexOf('/') + 1);
  return source.name;
}

function nothingKnown(files: readonly LazyFile[]): RangefinderError {
  const accepted = OPENERS.map(({ label }) => label).join('; ');
  const hint = `Data can be: ${accepted}; also zipped or gzipped.`;
  if (files.length === 0)
    return new RangefinderError({ code: 'unknown-format', message: 'There are no files in what was dropped.', hint });
  const described = files.slice(0, 20).map((file) => `${file.path} is ${nameOfForeign(file.head(HEAD))}`);
  const message = files.length === 1 ? `${described[0]}.` : `None of the ${files.length} files is data we read.`;
  return new RangefinderError({ code: 'unknown-format', message, where: files[0].path, hint, details: described });
}
