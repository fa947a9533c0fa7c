/** What a diagnosis looks at, and what it says. Plain data: findings cross threads, go into reports and onto the page. */
import type { ChannelStatsOf } from '../algorithms/channel-stats';
import type { DoctorFinding } from '../data/types';
import type { Graph, OpId, TensorId } from '../graph/graph';
import type { ErrorSplit } from '../metrics/error-split';
import type { Calibration, QuantPlan } from '../quantize/plan';
import type { QuantSettings } from '../quantize/settings';
import type { Fix, SettingsPatch } from './fix';

export interface DataFacts {
  readonly doctor: readonly DoctorFinding[];
  /** All there are, and those that evaluation has to itself. */
  readonly samples: number;
  readonly evaluationSamples: number;
  /** Noise has no range worth converging to. */
  readonly isRandom: boolean;
}

export interface Examined {
  /** Whose constants are quantized … */
  readonly graph: Graph;
  /** … and the same ops with the constants they are held against. */
  readonly reference: Graph;
  /** Of `graph`. */
  readonly calibration: Calibration;
  readonly settings: QuantSettings;
  readonly plan: QuantPlan;
  /** The tensor whose error is the model's: its output, before a final softmax. */
  readonly output: TensorId;
  /** Of `output`, all quantized. */
  readonly sqnrDb: number;
  /** Where each activation's error comes from. */
  readonly splits: Readonly<Record<TensorId, ErrorSplit>>;
  /** Of the noise that reaches `output` from each layer quantized alone; they add up to 1. */
  readonly shares: ReadonlyMap<OpId, number>;
  /** Float outputs of layers with weights. */
  readonly channels: ChannelStatsOf;
  readonly data: DataFacts;
}

/** A figure that a finding rests on, in words. */
export interface Evidence {
  readonly label: string;
  readonly value: string;
}

export type Chart =
  /** One value a bar, `marked` the ones it is about. */
  | {
      readonly kind: 'bars';
      readonly label: string;
      readonly values: readonly number[];
      readonly marked: readonly number[];
    }
  /** Values of a tensor of the calibration, with the range in effect. */
  | { readonly kind: 'distribution'; readonly tensor: TensorId }
  /** How that tensor's range moved with the number of samples. */
  | { readonly kind: 'convergence'; readonly tensor: TensorId };

export interface Finding {
  /** Row of the table. */
  readonly check: string;
  /** A few words. */
  readonly title: string;
  /** What is wrong and why it hurts. */
  readonly sentence: string;
  /** Where it is, worst first; none where it is the data's. */
  readonly layers: readonly OpId[];
  readonly evidence: readonly Evidence[];
  readonly chart?: Chart;
  /** The ones worth trying first come first. */
  readonly fixes: readonly Fix[];
  /**
   * Leaves the place it is about in float, inputs and outputs included: what that takes of the error is what it costs. Null
   * where a place in float says nothing of the cause; where left out, its layers are taken.
   */
  readonly ablation?: SettingsPatch | null;
  /** Of what the ablation takes away, the part that is this finding's; all of it where left out. */
  readonly blame?: number;
  /** Of the output's noise, what it may be to blame for, 0 … 1: a guess, for as long as nothing was tried. */
  readonly estimate: number;
}

/** One disease. A new one is a file and a line in the table. */
export interface Check {
  readonly id: string;
  /** One sentence for people. */
  readonly looksFor: string;
  readonly find: (examined: Examined) => readonly Omit<Finding, 'check'>[];
}
