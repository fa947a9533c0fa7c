/** What trained weights and algorithms are held against: the same formats, quantized without them. */
import { lookup } from '../../base/lookup';
import type { TensorId } from '../../core/graph/graph';
import type { Calibration, QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Range } from '../../core/calibration/types';
import type { Evaluation } from '../../jobs/contract/protocol';
import { sameJson } from '../edits/edits';
import { shownCalibration, type ResultsSlice, type Snapshot, type Stamped } from '../slices/results';
import { isUnderWay, type Trained } from '../slices/training';
import { settingsOf, type StudioState } from '../store';
import { sameSettings } from '../../core/quantize/settings-key';

/** The training whose weights are in use. */
export function trainedInUse(state: StudioState): Trained | null {
  const { trained } = settingsOf(state);
  return trained === undefined ? null : (lookup(state.training.known, trained) ?? null);
}

/** The settings that the trained weights in use started from; null where none are. */
export function untrainedSettings(state: StudioState): QuantSettings | null {
  return trainedInUse(state)?.from ?? null;
}

/** What is known under them. */
export function comparedWith(state: StudioState): Snapshot | null {
  const { untrained, basis } = state.results;
  return untrained && sameSettings(untrained.settings, untrainedSettings(state)) && untrained.basis === basis
    ? untrained
    : null;
}

/** What was known before algorithms were switched on; null where something else has changed since, which is not their doing. */
export function unimproved(state: StudioState): Stamped<Evaluation> | null {
  const { unimproved: before, basis } = state.results;
  if (before?.basis !== basis) return null;
  return sameJson(unrelated(before.settings), unrelated(settingsOf(state))) ? before : null;
}

/** Settings without what the recommended pipeline chooses, and without what changes no score. */
function unrelated({ weights, activations, io: _io, algorithms: _algorithms, ...rest }: QuantSettings) {
  const { estimator: _weights, ...weightsAs } = weights;
  const { estimator: _activations, ...activationsAs } = activations;
  return { rest, weightsAs, activationsAs };
}

/** The newest figures, outdated or not; those of the untrained model are not shown as the trained one's. */
export function shownResult<K extends 'evaluation' | 'sensitivity'>(
  state: StudioState,
  slot: K,
): ResultsSlice[K] | null {
  const from = untrainedSettings(state);
  const result = state.results[slot];
  return from !== null && sameSettings(result?.settings, from) ? null : result;
}

/** Whether there is a plan to start from. */
export function canTrain({ results, data }: StudioState): boolean {
  return results.plan?.basis === results.basis && data.opening === null;
}

/** Distributions of what is quantized without training. */
export function untrainedCalibration(state: StudioState): Calibration | null {
  const before = comparedWith(state);
  if (!before) return shownCalibration(state.results);
  return before.variant?.value.calibration ?? state.results.calibration?.value ?? null;
}

/** The range that a run under way gives an activation at the moment. */
export function trainingRange({ training, results }: StudioState, tensor: TensorId): Range | null {
  const { run } = training;
  if (!run?.progress || !isUnderWay(run)) return null;
  return lookup(run.progress.ranges, groupOf(results.plan?.value ?? null, tensor)) ?? null;
}

/** The tensor that stands for those which share a scale. */
export function groupOf(plan: QuantPlan | null, tensor: TensorId): TensorId {
  return lookup(plan?.activations, tensor)?.sharedWith ?? tensor;
}
