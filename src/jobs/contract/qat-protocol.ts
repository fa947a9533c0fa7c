/** What the training job takes and gives, as plain data. */
import type { TensorId } from '../../core/graph/graph';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Range } from '../../core/calibration/types';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import type { QatSettings } from '../../core/training/settings';

export interface QatSpec {
  /** Formats, and the ranges that training starts from. */
  readonly settings: QuantSettings;
  readonly training: QatSettings;
  /** Goes on from here instead of from the quantized model; of the same model and formats. */
  readonly from?: QatCheckpoint;
}

export interface EpochFigures {
  /** 0: quantized, not trained. */
  readonly epoch: number;
  /** null before the first step. */
  readonly trainLoss: number | null;
  readonly validationLoss: number;
  /** Shares of right answers; null where there is nothing to count. */
  readonly trainAccuracy: number | null;
  readonly validationAccuracy: number | null;
  /** At the epoch's end. */
  readonly learningRate: number;
  readonly milliseconds: number;
}

export interface QatResult {
  /** Names the trained weights in `settings.trained`; the same for the same model, data, settings and seed. */
  readonly id: string;
  /** The best epoch's. */
  readonly checkpoint: QatCheckpoint;
  /** What the other jobs take to work on the trained model: the settings given, with trained weights and ranges. */
  readonly settings: QuantSettings;
  /** From the untrained model on. */
  readonly history: readonly EpochFigures[];
  readonly samples: { readonly train: number; readonly validation: number };
  /** The loss in words. */
  readonly objective: string;
  /** tfjs backend that training and its validation ran on; all other jobs run on wasm. */
  readonly backend?: string;
  /** Median of one training step. */
  readonly stepMs: number;
  readonly notes: readonly string[];
}

export interface QatProgress {
  readonly epoch: number;
  /** Steps done, of all epochs. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss of the last steps. */
  readonly loss: number | null;
  readonly history: readonly EpochFigures[];
  /** Of activations, by the tensor that stands for those which share one; of weights, that of the widest channel. */
  readonly ranges: Readonly<Record<TensorId, Range>>;
  /** tfjs backend that training runs on. */
  readonly backend?: string;
  /** Where training stands if it ends now; given when there is a better one and when training ends early. */
  readonly best?: QatResult;
}
