/** Folders of images: one folder per class, or one folder without classes. */
import { RangefinderError } from '../../../base/errors';
import { imageFormat, imageProblem } from '../image-formats';
import { labelsOfNames } from '../labels';
import { withoutSamples } from '../left-out';
import { MaskFiles, pairMasks } from '../masks';
import type { SampleSource } from '../types';
import type { DistantFile } from '../zip';
import type { OpenContext, StreamingOpener } from './opener';

/** Folders called like this divide a data set, they are no classes. */
const PARTS = new Set(['train', 'training', 'test', 'testing', 'val', 'valid', 'validation', 'eval', 'images']);

export const imageFolderOpener: StreamingOpener = {
  id: 'images',
  streams: true,
  label: 'images (JPEG, PNG, WebP, GIF, BMP), a folder per class',
  recognises: (head) => imageFormat(head) !== undefined,
  open(all, context) {
    const paired = context.decodeMask && pairMasks(all);
    const files = paired?.images ?? all;
    const masks = paired && new MaskFiles(paired.masks, context.decodeMask!);
    const folders = files.map(({ path }) => path.split('/').slice(0, -1));
    const names = folders.map((parts) => parts.at(-1) ?? '');
    const ahead = new ReadAhead(files);
    const source: SampleSource = {
      name: commonFolder(folders) || (files.length === 1 ? files[0].path : `${files.length} images`),
      kind: 'images',
      size: files.length,
      sampleNames: files.map(({ path }) => path),
      ...(areClasses(names, folders) && labelsOfNames(names)),
      fetch: (index) => ahead.fetch(index),
      problem: async (index) => imageProblem(await ahead.peek(index)),
      read: async (index) => {
        await masks?.load(index);
        return decode(files[index], await ahead.bytes(index), context);
      },
      ...(masks && { masks: { load: (index) => masks.load(index), of: (index) => masks.of(index) } }),
    };
    const unmasked = paired?.masks.flatMap((mask, index) => (mask ? [] : [index])) ?? [];
    return withoutSamples(source, new Map(unmasked.map((index) => [index, 'has no label map'])));
  },
};

/** What was asked for ahead of time, until it is taken. */
class ReadAhead {
  private readonly coming = new Map<number, Promise<Uint8Array>>();

  constructor(private readonly files: readonly DistantFile[]) {}

  fetch(index: number): void {
    if (this.coming.has(index)) return;
    const bytes = this.files[index].load();
    bytes.catch(() => {}); // whoever takes it hears of it
    this.coming.set(index, bytes);
  }

  /** The bytes, without keeping them: who looks into all files does not want them all in memory. */
  peek(index: number): Promise<Uint8Array> {
    return this.coming.get(index) ?? this.files[index].load();
  }

  bytes(index: number): Promise<Uint8Array> {
    const bytes = this.coming.get(index) ?? this.files[index].load();
    this.coming.delete(index);
    return bytes;
  }
}

async function decode(file: DistantFile, bytes: Uint8Array, { decodeImage }: OpenContext) {
  try {
    return await decodeImage(bytes);
  } catch (error) {
    if (!(error instanceof RangefinderError)) throw error;
    const { code, message, hint } = error;
    throw new RangefinderError({ code, message, where: file.path, hint }, { cause: error });
  }
}

/** A class is the name of the folder an image lies in, if there are several such folders and none lies within another. */
function areClasses(names: readonly string[], folders: readonly (readonly string[])[]): boolean {
  const classes = new Set(names);
  if (classes.size < 2 || [...classes].every((name) => PARTS.has(name.toLowerCase()))) return false;
  const paths = new Set(folders.map((parts) => parts.join('/')));
  const outer = [...paths].filter((path) =>
    [...paths].some((other) => other.startsWith(path === '' ? '' : `${path}/`) && other !== path),
  );
  if (outer.length === 0) return true;
  throw new RangefinderError({
    code: 'invalid-data',
    message: 'Some images lie beside folders of images, so it is not clear which folders are classes.',
    where: outer[0] || 'the top folder',
    hint: 'Move or remove them: a folder holds either images of one class or folders.',
    details: outer,
  });
}

function commonFolder(folders: readonly (readonly string[])[]): string {
  const [first] = folders;
  let length = first.length;
  for (const parts of folders) while (parts.slice(0, length).join('/') !== first.slice(0, length).join('/')) length--;
  return first.slice(0, length).join('/');
}
