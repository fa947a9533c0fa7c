/** Files as the page holds them: handles, read only when a worker needs the bytes. */
import { inBatches } from '../../core/data/stored';
import { classify, HEAD_BYTES, isZip, type Candidate, type Sorted } from './classify';

export interface PickedFile {
  readonly path: string;
  readonly blob: Blob;
}

/** Files of one extension that are looked into; a folder of ten thousand images is known by these. */
const LOOKED_INTO = 16;

/**
 * Looks into the files just far enough to tell model from data. Beyond the first {@link LOOKED_INTO} of an extension a
 * file is taken for what those are, if they are all one thing; should it be another, its reader says so by its name.
 */
export async function sortFiles(files: readonly PickedFile[]): Promise<Sorted<PickedFile>> {
  const groups = new Map<string, PickedFile[]>();
  for (const file of files) {
    const extension = /\.[^./]+$/.exec(file.path)?.[0].toLowerCase() ?? '';
    const group = groups.get(extension);
    if (group) group.push(file);
    else groups.set(extension, [file]);
  }
  const looked = await inBatches([...groups.values()], (group) => lookInto(group));
  const byFile = new Map(looked.flat().map((candidate) => [candidate.file, candidate]));
  const sorted = classify(files.map((file) => byFile.get(file)!));
  const filesOf = (candidates: readonly Looked[]) => candidates.map(({ file }) => file);
  return { model: filesOf(sorted.model), data: filesOf(sorted.data), strangers: filesOf(sorted.strangers) };
}

interface Looked extends Candidate {
  readonly file: PickedFile;
}

async function lookInto(group: readonly PickedFile[]): Promise<Looked[]> {
  const first = await inBatches(group.slice(0, LOOKED_INTO), headOf);
  const rest = group.slice(LOOKED_INTO);
  const { model, data } = classify(first);
  // Only data comes by the thousand; a model's shards and manifests are each looked into.
  if (rest.length === 0 || model.length > 0 || data.length < first.length)
    return [...first, ...(await inBatches(rest, headOf))];
  return [...first, ...rest.map((file) => ({ path: file.path, file, head: first[0].head }))];
}

async function headOf(file: PickedFile): Promise<Looked> {
  const head = new Uint8Array(await file.blob.slice(0, HEAD_BYTES).arrayBuffer());
  const entries = isZip(head) ? await zipEntries(file.blob) : undefined;
  return { path: file.path, file, head, ...(entries && { entries }) };
}

/** Entry names in the last part of a zip's central directory (PKWARE APPNOTE 4.3.12); enough to recognise a model. */
async function zipEntries(blob: Blob): Promise<string[]> {
  const tail = new Uint8Array(await blob.slice(Math.max(0, blob.size - 256 * 1024)).arrayBuffer());
  const view = new DataView(tail.buffer);
  const names: string[] = [];
  for (let at = 0; at + 46 <= tail.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const nameBytes = view.getUint16(at + 28, true);
    names.push(new TextDecoder().decode(tail.subarray(at + 46, at + 46 + nameBytes)));
    at += 45 + nameBytes;
  }
  return names;
}
