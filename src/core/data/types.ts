/** Data sets and the preprocessing between a file's sample and a model's input. Plain data except `SampleSource`. */

import type { MarkedBox } from '../metrics/collector';
import type { AudioStep } from './audio/steps';

/** A dropped or picked file with its path inside the folder or archive it came from, '/' between parts. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Why its bytes are not there, to continue "it …": a link to nothing, a file without permission. */
  readonly unreadable?: string;
}

/** A raw sample before preprocessing, channels last. Images are uint8 0..255 RGB (grey images have one channel). */
export interface RawSample {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float32Array;
  /** Of recordings: samples a second. */
  readonly rate?: number;
}

/** Random access to raw samples; reading and decoding are lazy, so memory does not grow with their number. */
export interface SampleSource {
  readonly name: string;
  readonly kind: 'images' | 'array' | 'table' | 'audio';
  readonly size: number;
  /** Where two sets are open: those from here on are evaluated on, those before calibrated with. */
  readonly evaluationStart?: number;
  /** Samples are made as they are read: there is one for any index, however many `size` says. */
  readonly endless?: boolean;
  /** Which array went to which input of the model, as a sentence, where there are several. */
  readonly matching?: string;
  /** Class index of each sample. */
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  /** The file each sample comes from, where it has one of its own. */
  readonly sampleNames?: readonly string[] | undefined;
  /** Regression targets: one row of `targetShape` per sample. */
  readonly targets?: { readonly shape: readonly number[]; readonly values: Float32Array };
  /** A picture with the number of a class for each pixel, before it is brought to the size of the output: [height, width]. */
  readMask?(index: number): Promise<RawSample | null>;
  /** Class indices or targets that are those of one output of the model, by its name. */
  readonly byOutput?: ReadonlyMap<string, Pick<SampleSource, 'labels' | 'targets'>>;
  /** A class for each position of the model's output, of the samples that were drawn. */
  readonly masks?: { readonly classes: number; readonly of: (index: number) => ArrayLike<number> };
  /** What is to be found in each image, in shares of its width and height. */
  readonly boxes?: { readonly categories: number; readonly of: (index: number) => readonly MarkedBox[] };
  /** What was dropped and is not among the samples, and why; see {@link LeftOut}. */
  readonly leftOut?: readonly LeftOut[] | undefined;
  /** What was assumed while reading, as sentences for people. */
  readonly notes?: readonly string[];
  /** What keeps a sample from being used, without decoding it; absent where that is known of all samples beforehand. */
  problem?(index: number): Promise<string | undefined>;
  /** Of recordings: the same with a sample at every so many values, each of `samples` values at `rate`. */
  excerpts?(cut: { readonly samples: number; readonly every: number; readonly rate: number }): Promise<SampleSource>;
  /** The recordings that excerpts were cut from. */
  readonly whole?: SampleSource;
  /** Begins to bring what `read` will need, where it has to come from disk; kept until it is read. */
  fetch?(index: number): void;
  read(index: number): Promise<RawSample>;
}

/** Something that could not be used: "cat/3.png", "row 5"; to continue "it …": "is empty". */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

export type PreprocessStep =
  /** fit 'stretch' ignores the aspect ratio; 'crop' scales the shorter side and centre-crops. */
  | {
      readonly kind: 'resize';
      readonly height: number;
      readonly width: number;
      readonly method: 'bilinear' | 'nearest';
      readonly fit: 'stretch' | 'crop';
    }
  /** [channels, height, width], PyTorch's layout, to [height, width, channels]. */
  | { readonly kind: 'layout'; readonly from: 'chw' }
  | { readonly kind: 'channels'; readonly order: 'rgb' | 'bgr' | 'gray' }
  /** x · scale + offset */
  | { readonly kind: 'scale'; readonly scale: number; readonly offset: number }
  /** (x − mean) / std, per channel */
  | { readonly kind: 'normalize'; readonly mean: readonly number[]; readonly std: readonly number[] }
  /** To the model's input shape, without the batch; the element count must match. */
  | { readonly kind: 'reshape'; readonly shape: readonly number[] }
  | AudioStep;

export type Preprocessing = readonly PreprocessStep[];

export interface Split {
  /** Sample indices, disjoint. */
  readonly calibration: Uint32Array;
  readonly evaluation: Uint32Array;
}

export interface DoctorFinding {
  readonly severity: 'ok' | 'warning';
  readonly message: string;
  /** input: the values that go into the model do not look like what it was trained on. */
  readonly about?: 'input';
  /** Applying it is one click. */
  readonly fix?: Preprocessing;
}
