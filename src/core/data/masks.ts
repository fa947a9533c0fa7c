/** Label maps beside images: pictures that give each pixel of another picture a class. */
import { RangefinderError } from '../../base/errors';
import type { Mask } from './types';
import type { DistantFile } from './zip';

/** Folders called like this hold label maps (VOC's is SegmentationClass), … */
const MASK_FOLDER = /^(masks?|labels?|annotations?|segmentations?|segmentationclass(raw|aug)?|gt|ground[_-]?truth|trimaps?|targets?)$/i; // prettier-ignore
/** … and folders called like this what they are of. */
const IMAGE_FOLDER = /^((jpe?g|png|input|rgb)?images?|imgs?|inputs?|leftimg8bit)$/i;
const MASK_SUFFIX = /[_\-.](masks?|labels?|seg|segmentation|gt|labelids|trainids)$/i;

interface Place {
  /** The path without what tells images from label maps: both of one picture have the same. */
  readonly key: string;
  readonly isMask: boolean;
}

function placeOf(path: string): Place {
  const folders = path.split('/');
  const file = folders.pop()!;
  const stem = file.replace(/\.[^.]*$/, '');
  const bare = stem.replace(MASK_SUFFIX, '');
  const isMask = /\.png$/i.test(file) && (bare !== stem || folders.some((name) => MASK_FOLDER.test(name)));
  const kept = folders.filter((name) => !MASK_FOLDER.test(name) && !IMAGE_FOLDER.test(name));
  return { key: [...kept, isMask ? bare : stem].join('/').toLowerCase(), isMask };
}

export interface MaskedImages<F> {
  readonly images: readonly F[];
  /** The label maps of those that have one. */
  readonly maskOf: ReadonlyMap<F, F>;
}

/** Images and their label maps; null where no more than half of the images have one, for then these are pictures as well. */
export function pairMasks<F extends { readonly path: string }>(files: readonly F[]): MaskedImages<F> | null {
  const placed = files.map((file) => ({ file, ...placeOf(file.path) }));
  const images = placed.filter(({ isMask }) => !isMask);
  const masks = new Map(placed.filter(({ isMask }) => isMask).map(({ key, file }) => [key, file]));
  const maskOf = new Map<F, F>();
  for (const { key, file } of images) if (masks.has(key)) maskOf.set(file, masks.get(key)!);
  return 2 * maskOf.size > images.length ? { images: images.map(({ file }) => file), maskOf } : null;
}

/** Label maps on disk or in an archive: brought into memory as files, which are small, and unpacked one by one. */
export class MaskFiles {
  private readonly bytes = new Map<number, Uint8Array>();
  private last: { readonly index: number; readonly mask: Mask } | null = null;

  constructor(
    private readonly files: readonly (DistantFile | undefined)[],
    private readonly decode: (bytes: Uint8Array) => Mask,
  ) {}

  /** Images without one. */
  missing(): number[] {
    return this.files.flatMap((file, index) => (file ? [] : [index]));
  }

  async load(index: number): Promise<void> {
    const file = this.files[index];
    if (file && !this.bytes.has(index)) this.bytes.set(index, await file.load());
  }

  /** @throws RangefinderError 'corrupt-file', 'invalid-data' where the picture has colours and no classes */
  of(index: number): Mask {
    if (this.last?.index === index) return this.last.mask;
    const bytes = this.bytes.get(index);
    if (!bytes) throw new RangeError(`the mask of sample ${index} was not loaded`);
    try {
      const mask = this.decode(bytes);
      this.last = { index, mask };
      return mask;
    } catch (error) {
      if (!(error instanceof RangefinderError)) throw error;
      const { code, message, hint } = error;
      throw new RangefinderError({ code, message, where: this.files[index]!.path, hint }, { cause: error });
    }
  }
}

/** Where images are cut to the input's aspect before they are scaled to it: what is left of them, else all. */
interface Frame {
  /** Width over height of what images are cut to; null where they are stretched. */
  readonly aspect: number | null;
}

/** A label map at the size of an output, each position having the class of the pixel it lies on, row by row. */
export function sizedMask(mask: Mask, height: number, width: number, { aspect }: Frame = { aspect: null }): Uint8Array {
  const { values } = mask;
  let [rows, columns] = [mask.height, mask.width];
  if (aspect !== null && columns > rows * aspect) columns = rows * aspect;
  else if (aspect !== null) rows = columns / aspect;
  const [top, left] = [(mask.height - rows) / 2, (mask.width - columns) / 2];
  const sized = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(top + ((y + 0.5) * rows) / height) * mask.width;
    for (let x = 0; x < width; x++)
      sized[y * width + x] = values[row + Math.floor(left + ((x + 0.5) * columns) / width)];
  }
  return sized;
}
