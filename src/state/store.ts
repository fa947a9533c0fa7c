/** The one store: plain, serialisable data in slices. Tensors and files stay where they are; controllers hold handles. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { FRESH_CHOICES, type ChoicesSlice } from './slices/choices';
import { NO_DATA, type DataSlice } from './slices/data';
import { NO_DIAGNOSIS, type DiagnosisSlice } from './slices/diagnosis';
import { NO_FORMS, type FormsSlice } from './slices/forms';
import { NO_JOBS, type JobsSlice } from './slices/jobs';
import { NO_LESSONS, type LessonsSlice } from './slices/lessons';
import { NO_MODEL, type ModelSlice } from './slices/model';
import { NO_RESULTS, type ResultsSlice } from './slices/results';
import { NO_RUNS, type RunsSlice } from './slices/runs';
import { NO_SAMPLES, type SamplesSlice } from './slices/samples';
import { NO_SELECTION, type SelectionSlice } from './slices/selection';
import { NO_TRAINING, type TrainingSlice } from './slices/training';
import { NO_WORK, type WorkSlice } from './slices/work';
import { DEFAULT_UI, type UiSlice } from './slices/ui';

export interface StudioState {
  readonly model: ModelSlice;
  readonly data: DataSlice;
  readonly choices: ChoicesSlice;
  readonly results: ResultsSlice;
  readonly diagnosis: DiagnosisSlice;
  readonly forms: FormsSlice;
  readonly jobs: JobsSlice;
  readonly selection: SelectionSlice;
  readonly runs: RunsSlice;
  readonly samples: SamplesSlice;
  readonly lessons: LessonsSlice;
  readonly training: TrainingSlice;
  readonly ui: UiSlice;
  readonly work: WorkSlice;
}

export type StudioStore = StoreApi<StudioState>;

export const INITIAL_STATE: StudioState = {
  model: NO_MODEL,
  data: NO_DATA,
  choices: FRESH_CHOICES,
  results: NO_RESULTS,
  diagnosis: NO_DIAGNOSIS,
  forms: NO_FORMS,
  jobs: NO_JOBS,
  selection: NO_SELECTION,
  runs: NO_RUNS,
  samples: NO_SAMPLES,
  lessons: NO_LESSONS,
  training: NO_TRAINING,
  ui: DEFAULT_UI,
  work: NO_WORK,
};

export function createStudioStore(initial: StudioState = INITIAL_STATE): StudioStore {
  return createStore<StudioState>(() => initial);
}

/** Merges into one slice. */
export function patch<K extends keyof StudioState>(
  store: StudioStore,
  slice: K,
  change: Partial<StudioState[K]>,
): void {
  store.setState((state) => ({ [slice]: { ...state[slice], ...change } }));
}

export const settingsOf = (state: StudioState) => state.choices.present.settings;
