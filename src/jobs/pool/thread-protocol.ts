/** What threads that run batches are asked and answer; plain data that is cloned on its way. */
import type { ErrorInfo } from '../../base/errors';
import type { Masked } from '../../core/calibration/masked-rows';
import type { ObservedBatch } from '../../core/calibration/observer';
import type { Graph, TensorId } from '../../core/graph/graph';
import type { Simulation } from '../../engine/tfjs/simulation';
import type { Batch, EngineTensor } from '../../engine/types';

/** Which tensors of which loaded graph. */
export interface Wanted {
  readonly model: string;
  readonly tensors: readonly TensorId[];
}

/** Each question has its answer under the same name in {@link ThreadAnswers}. */
export interface ThreadQuestions {
  /** Has a graph computed by this name, rounded as the simulation says; another of the name is let go. */
  readonly load: { readonly model: string; readonly graph: Graph; readonly simulation: Simulation };
  readonly simulate: { readonly model: string; readonly simulation: Simulation };
  readonly unload: { readonly model: string };
  readonly statistics: { readonly model: string; readonly batch: Batch };
  readonly values: { readonly wanted: readonly Wanted[]; readonly batch: Batch };
}

export interface TensorStatistics {
  readonly observed: ObservedBatch;
  readonly masked: Masked | null;
}

export interface ThreadAnswers {
  readonly load: null;
  readonly simulate: null;
  readonly unload: null;
  readonly statistics: ReadonlyMap<TensorId, TensorStatistics>;
  /** For each that was wanted, in that order. */
  readonly values: readonly ReadonlyMap<TensorId, EngineTensor>[];
}

export type ThreadTask = keyof ThreadQuestions;

export interface ThreadMessage<T extends ThreadTask = ThreadTask> {
  readonly id: number;
  readonly task: T;
  readonly question: ThreadQuestions[T];
}

export type ThreadReply = { readonly id: number } & ({ readonly answer: unknown } | { readonly error: ErrorInfo });
