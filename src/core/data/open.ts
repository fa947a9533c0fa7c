/** From what was dropped to samples: archives are looked into, formats told apart by content through one table. */
import { RangefinderError } from '../../base/errors';
import { withCompanions } from './companions';
import { nameOfForeign } from './foreign';
import type { DataOpener, OpenContext } from './openers/opener';
import { OPENERS } from './openers/table';
import { bytesOf, readStored, type StoredFile } from './stored';
import type { LeftOut, SampleSource, SourceFile } from './types';
import { endsAsZip, isGzip, isZip, openGzip, plainFile, readZip, type DistantFile, type LazyFile } from './zip';

/** Bytes a format is told by. */
const HEAD = 512;

/** Files systems leave in folders and archives. */
const LITTER = /(^|\/)(__MACOSX\/|\.[^/]*(\/|$)|Thumbs\.db$|desktop\.ini$)/i;

/**
 * Opens what was dropped as one data set. Among several formats the one with the most files is taken; what lies beside its
 * files and is about them, labels and boxes, goes with it.
 * @throws RangefinderError 'unknown-format', 'corrupt-file', 'too-large', 'invalid-data', 'unsupported-feature'
 */
export async function openDataSet(
  files: readonly (SourceFile | StoredFile)[],
  context: OpenContext,
): Promise<SampleSource> {
  const litter = files.filter(({ path }) => LITTER.test(path)).length;
  const isEmpty = (file: SourceFile | StoredFile) => 'blob' in file && file.blob.size === 0;
  const wanted = files.filter((file) => !LITTER.test(file.path) && !isUnreadable(file));
  const { present, distant } = await part(wanted.filter((file) => !isEmpty(file)));
  const unpacked = present.map(unpack);
  const found = inPathOrder(unpacked.flatMap((part) => part.files));
  const readable = found.filter((file) => !unreadable(file));
  const groups = groupByFormat(readable);
  const [best] = OPENERS.map((opener) => ({
    opener,
    members: groups.get(opener) ?? [],
    far: distant.get(opener) ?? [],
  }))
    .filter(({ members, far }) => members.length + far.length > 0)
    .sort((a, b) => countOf(b) - countOf(a));
  if (!best) throw nothingKnown(found);
  const { opener, members, far } = best;
  const source = opener.streams
    ? opener.open(inPathOrder([...members, ...far]), context)
    : opener.open(members, context);
  const others = readable.filter((file) => !members.includes(file));
  const { source: described, used } = withCompanions(source, others);
  const leftOut: LeftOut[] = [
    ...files.filter(isUnreadable).map(({ path, unreadable }) => ({ name: path, reason: unreadable })),
    ...wanted.filter(isEmpty).map(({ path }) => ({ name: path, reason: EMPTY })),
    ...found.flatMap((file) => unreadable(file) ?? []),
    ...others
      .filter((file) => !used.has(file))
      .map(({ path }) => ({ name: path, reason: `is not of the kind of the others (${opener.label})` })),
    ...(described.leftOut ?? []),
  ];
  const notes = [
    ...(described.notes ?? []),
    ...unpacked.flatMap((part) => part.notes),
    ...countLitter(litter + unpacked.reduce((sum, part) => sum + part.litter, 0)),
  ];
  return { ...described, name: nameOf(files, source), leftOut, notes };
}

/** Files that a format could open together: of texts only one, whatever lies beside pictures. */
function countOf({
  opener,
  members,
  far,
}: {
  opener: DataOpener;
  members: readonly unknown[];
  far: readonly unknown[];
}) {
  return opener.id === 'csv' || opener.id === 'json' ? 1 : members.length + far.length;
}

function isUnreadable<T extends SourceFile | StoredFile>(file: T): file is T & { readonly unreadable: string } {
  return 'unreadable' in file;
}

function countLitter(count: number): string[] {
  if (count === 0) return [];
  return [`${count === 1 ? 'One file' : `${count} files`} of the system (.DS_Store, __MACOSX, Thumbs.db) ignored.`];
}

/** What keeps a file from being looked into at all. */
function unreadable({ path, size, isLink }: LazyFile): LeftOut | undefined {
  if (isLink) return { name: path, reason: 'is a link to another file, which is not in the archive' };
  return size === 0 ? { name: path, reason: EMPTY } : undefined;
}

const EMPTY = 'is empty';

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

interface Unpacked {
  readonly files: readonly LazyFile[];
  readonly notes: readonly string[];
  /** Files of the system that were passed over. */
  readonly litter: number;
}

/** A zip's entries, a gzip's content, else the file itself; one layer of archives, and gzip within it. */
function unpack(file: SourceFile): Unpacked {
  if (isGzip(file.bytes)) return { files: [openGzip(file)], notes: [], litter: 0 };
  const isArchive = isZip(file.bytes) || (!isKnown(file.bytes) && endsAsZip(file.bytes));
  if (!isArchive) return { files: [plainFile(file)], notes: [], litter: 0 };
  const { files, codePage } = readZip(file.bytes, file.path);
  const wanted = files.filter(({ path }) => !LITTER.test(path));
  return {
    files: wanted.map((entry) =>
      isGzip(entry.head(4)) ? openGzip({ path: entry.path, bytes: entry.bytes() }) : entry,
    ),
    notes: codePage === null ? [] : [`File names in ${file.path} were read as ${codePage}.`],
    litter: files.length - wanted.length,
  };
}

/** Of a format that has a signature; what looks like text may be what stands before an archive. */
function isKnown(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, HEAD);
  return OPENERS.some((opener) => opener.id !== 'csv' && opener.recognises(head));
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
  const described = files
    .slice(0, 20)
    .map((file) => `${file.path} ${unreadable(file)?.reason ?? `is ${nameOfForeign(file.head(HEAD))}`}`);
  const message = files.length === 1 ? `${described[0]}.` : `None of the ${files.length} files is data we read.`;
  return new RangefinderError({ code: 'unknown-format', message, where: files[0].path, hint, details: described });
}
