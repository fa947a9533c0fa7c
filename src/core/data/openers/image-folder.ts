/** Folders of images: one folder per class, or one folder without classes. */
import { RangefinderError } from '../../../base/errors';
import { imageFormat, imageProblem } from '../image-formats';
import type { RawSample } from '../types';
import type { DistantFile } from '../zip';
import { pairMasks } from '../mask-files';
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
    const pixels = new DecodedAhead(context);
    return {
      name,
      kind: 'images',
      size: files.length,
      sampleNames: files.map(({ path }) => path),
      ...fields,
      fetch: (index) => ahead.fetch(index),
      problem: async (index) => {
        const bytes = await ahead.peek(index);
        return imageProblem(bytes) ?? (bytes.length <= TRIED ? pixels.problem(index, bytes) : undefined);
      },
      ...(pairs && { readMask: (index: number) => maskOf(pairs.maskOf.get(files[index]), context) }),
      read: async (index) => pixels.take(index) ?? decode(files[index], await ahead.bytes(index), context),
    };
  },
};

async function maskOf(file: DistantFile | undefined, { decodeMask }: OpenContext): Promise<RawSample | null> {
  if (!file) return null;
  const bytes = await file.load();
  return imageFormat(bytes) === 'png' ? decodeMask!(bytes) : null;
}

/** Bytes of a picture that is decoded to know whether it can be; larger ones are judged by their ends. */
const TRIED = 256 * 1024;
/** Bytes of pixels that are kept until they are read. */
const KEPT = 64 * 2 ** 20;

/** Pictures that were decoded when they were looked at, until they are read. */
class DecodedAhead {
  private readonly samples = new Map<number, RawSample>();
  private bytes = 0;

  constructor(private readonly context: OpenContext) {}

  /** Why the picture cannot be decoded, to continue "it …". */
  async problem(index: number, file: Uint8Array): Promise<string | undefined> {
    try {
      const sample = await this.context.decodeImage(file);
      if (this.bytes + sample.values.byteLength <= KEPT && !this.samples.has(index)) {
        this.samples.set(index, sample);
        this.bytes += sample.values.byteLength;
      }
      return undefined;
    } catch (error) {
      // A decoder that could not be fetched says nothing about the picture.
      if (!(error instanceof RangefinderError) || error.code === 'runtime-failed') throw error;
      return `cannot be decoded (${error.message.replace(/\.$/, '')})`;
    }
  }

  take(index: number): RawSample | undefined {
    const sample = this.samples.get(index);
    if (sample) this.bytes -= sample.values.byteLength;
    this.samples.delete(index);
    return sample;
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
