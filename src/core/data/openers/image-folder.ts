/** Folders of images: one folder per class, or one folder without classes. */
import { RangefinderError } from '../../../base/errors';
import { imageFormat, imageProblem } from '../image-formats';
import { withoutSamples } from '../left-out';
import { MaskFiles, pairMasks } from '../masks';
import type { SampleSource } from '../types';
import type { DistantFile } from '../zip';
import { layoutOfFolders } from './class-folders';
import type { OpenContext, StreamingOpener } from './opener';
import { ReadAhead } from './read-ahead';

export const imageFolderOpener: StreamingOpener = {
  id: 'images',
  streams: true,
  label: 'images (JPEG, PNG, WebP, GIF, BMP), a folder per class',
  recognises: (head) => imageFormat(head) !== undefined,
  open(found, context) {
    const paired = context.decodeMask && pairMasks(found);
    const { files, name, fields } = layoutOfFolders(paired?.images ?? found, 'images');
    const masks = paired && new MaskFiles(files.map((file) => paired.maskOf.get(file)), context.decodeMask!); // prettier-ignore
    const ahead = new ReadAhead(files);
    const source: SampleSource = {
      name,
      kind: 'images',
      size: files.length,
      sampleNames: files.map(({ path }) => path),
      ...fields,
      fetch: (index) => ahead.fetch(index),
      problem: async (index) => imageProblem(await ahead.peek(index)),
      read: async (index) => {
        await masks?.load(index);
        return decode(files[index], await ahead.bytes(index), context);
      },
      ...(masks && { masks: { load: (index) => masks.load(index), of: (index) => masks.of(index) } }),
    };
    return withoutSamples(source, new Map(masks?.missing().map((index) => [index, 'has no label map'])));
  },
};

async function decode(file: DistantFile, bytes: Uint8Array, { decodeImage }: OpenContext) {
  try {
    return await decodeImage(bytes);
  } catch (error) {
    if (!(error instanceof RangefinderError)) throw error;
    const { code, message, hint } = error;
    throw new RangefinderError({ code, message, where: file.path, hint }, { cause: error });
  }
}
