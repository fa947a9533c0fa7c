import type { DistantFile, LazyFile } from '../zip';
import type { InputPlace } from '../match-inputs';
import type { RawSample, SampleSource } from '../types';

export interface OpenContext {
  /** Pixels of an image file; where it fails, the error need not name the file. */
  readonly decodeImage: (bytes: Uint8Array) => Promise<RawSample>;
  /** Numbers of classes in a mask, [height, width]; null where it is a picture in colour. */
  readonly decodeMask?: (bytes: Uint8Array) => RawSample | null;
  /** The inputs of the model the data is for; left out where there is none. */
  readonly inputs?: readonly InputPlace[];
  /** Names of the model's outputs, for answers that are called like them. */
  readonly outputs?: readonly string[];
  /** Values the model takes per sample: a table with exactly as many columns has no label among them. */
  readonly sampleElements?: number;
}

/** One row of the table of data formats. */
export type DataOpener = WholeOpener | StreamingOpener;

interface Recognition {
  readonly id: string;
  /** For people: "NumPy arrays (.npy, .npz)". */
  readonly label: string;
  /** Whether a file that begins with these bytes (up to 512) is one of this format. */
  recognises(head: Uint8Array): boolean;
}

/** Files that are looked into when they are opened. */
interface WholeOpener extends Recognition {
  readonly streams?: false;
  /** Opens all recognised files of what was dropped as one data set, in path order. */
  open(files: readonly LazyFile[], context: OpenContext): SampleSource;
}

/** Files of one sample each, which may stay on disk until that is read. */
export interface StreamingOpener extends Recognition {
  readonly streams: true;
  open(files: readonly DistantFile[], context: OpenContext): SampleSource;
}
