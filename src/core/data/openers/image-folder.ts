/** Folders of images: one folder per class, or one folder without classes. */
import { RangefinderError } from '../../../base/errors';
import { imageFormat, imageProblem } from '../image-formats';
import type { DistantFile } from '../zip';
import { pairMasks } from '../mask-files';
import type { RawSample } from '../types';
import { layoutOfFolders } from './class-folders';
import type { OpenContext, StreamingOpener } from './opener';
import { ReadAhead } from './read-ahead';

export const imageFolderOpener: StreamingOpener = {
  id: 'images',
  streams: true,
  label: 'images (JPEG, PNG, WebP, GIF, BMP), a folder per class',
  recognises: (head) => imageFormat(head) !== undefined,
  open(all, context) {
    const pairs = context.decodeMask && pairMasks(all);
    const found = pairs ? pairs.images : all;
    const { files, name, fields } = layoutOfFolders(found, 'images');
    const ahead = new ReadAhead(files);
    return {
      name,
      kind: 'images',
      size: files.length,
      sampleNames: files.map(({ path }) => path),
      ...fields,
      fetch: (index) => ahead.fetch(index),
      problem: async (index) => imageProblem(await ahead.peek(index)),
      ...(pairs && { readMask: (index: number) => maskOf(pairs.maskOf.get(files[index]), context) }),
      read: async (index) => decode(files[index], await ahead.bytes(index), context),
    };
  },
};

async function maskOf(file: DistantFile | undefined, { decodeMask }: OpenContext): Promise<RawSample | null> {
  if (!file) return null;
  const bytes = await file.load();
  return imageFormat(bytes) === 'png' ? decodeMask!(bytes) : null;
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
