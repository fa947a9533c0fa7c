/**
 * What a file may cost, in one place: a small file can ask for much by what its numbers claim, by using a part of itself
 * again and again, or by compressing nothing but zeros. Whatever allocates or loops by numbers of a file asks here first.
 */
import { RangefinderError } from './errors';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

export const BUDGET = {
  /** Milliseconds in which a model has to be read, in the page and on the command line; 300 MB take ten seconds. */
  readingTime: 120_000,
  bytes: {
    /** All files of a data set or a model that are held in memory together. */
    files: 2 * GiB,
    /** One entry of an archive, or one gzip file, which is inflated into one buffer. */
    entry: 2 * GiB - 1,
    /** What the files of a model unpack to. */
    modelArchive: GiB,
    /** What all entries of a data archive unpack to, one after the other. */
    dataArchive: 64 * GiB,
    /** Content that a file describes and does not hold, such as data sets of HDF5 that were never written. */
    described: 64 * MiB,
  },
  inflation: {
    /** Growth is not looked at below so many bytes. */
    free: 64 * MiB,
    /** Beyond, so many bytes may come of one. Arrays of pictures, masks and weights stay far below; zeros reach 1,030. */
    ratio: 200,
  },
  entries: 500_000,
  /** Files that a model fetched by its address may name. */
  remoteFiles: 1000,
  elements: {
    /** Values of one tensor for one sample: 512 MiB as float32. */
    activation: 2 ** 27,
    /** Values of one constant: 1 GiB as float32. */
    constant: 2 ** 28,
    /** Values of all activations for one sample, which an evaluation compares at once. */
    activations: 2 ** 28,
  },
  /** Ops a model may unfold into; a page could not run more. */
  ops: 100_000,
  outputsOfOp: 4096,
  /** Pixels of one picture; its RGBA alone would take a quarter of a gigabyte. */
  pixels: 64_000_000,
} as const;

/**
 * Refuses content that grows by more than compressed data of use does.
 * @param size bytes that come of `packed` bytes
 * @throws RangefinderError 'too-large'
 */
export function checkInflation(size: number, packed: number, where: string): void {
  if (size > BUDGET.bytes.entry)
    throw tooLarge(`It unpacks to ${(size / GiB).toFixed(1)} GiB; up to 2 GiB are read at once.`, where);
  const { free, ratio } = BUDGET.inflation;
  if (size > free && size > ratio * packed)
    throw tooLarge(
      `${packed} bytes unpack to ${Math.round(size / MiB)} MiB or more, which is no data but repetition.`,
      where,
    );
}

/** The refusal of what costs more than the budget allows. */
export const tooLarge = (message: string, where: string) =>
  new RangefinderError({
    code: 'too-large',
    message,
    where,
    hint: 'Take a part of the data: a few thousand samples are enough.',
  });
