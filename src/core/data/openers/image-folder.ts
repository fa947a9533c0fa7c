/** Folders of images: one folder per class, or one folder without classes. */
import { RangefinderError } from '../../../base/errors';
import { imageFormat, imageProblem } from '../image-formats';
import { withoutSamples } from '../left-out';
import { MaskFiles, pairMasks } from '../masks';
import type { RawSample, SampleSource } from '../types';
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
    const pixels = new DecodedAhead(context);
    const source: SampleSource = {
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
      read: async (index) => {
        await masks?.load(index);
        return pixels.take(index) ?? decode(files[index], await ahead.bytes(index), context);
      },
      ...(masks && { masks: { load: (index) => masks.load(index), of: (index) => masks.of(index) } }),
    };
    return withoutSamples(source, new Map(masks?.missing().map((index) => [index, 'has no label map'])));
  },
};

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
