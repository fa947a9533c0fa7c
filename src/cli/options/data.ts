import { DEFAULT_SPLIT } from '../../core/data/defaults';
import { METRIC_NAMES } from '../../core/metrics/table';
import { TASK_IDS } from '../../core/metrics/tasks';
import { AUDIO_HELP, audioChoice } from './audio';
import { decimal, listOf, nonZero, oneOf, optional, required, text, whole, withDefault, type ValuesOf } from './option';

/** Where samples come from, how they are divided and what is done to them. */
export const DATA_OPTIONS = {
  data: required(
    'PATH',
    'a folder or zip of images or WAV files, .npy/.npz, IDX or CSV of samples; random is seeded noise',
    text,
  ),
  labels: optional('FILE', 'labels kept apart from the data (.npy, IDX, CSV, one per line)', text),
  evaluateData: optional('PATH', 'a set of its own to evaluate on, in any form that --data takes', text),
  evaluateLabels: optional('FILE', 'its labels, where these are kept apart', text),
  calibrate: withDefault('N', 'samples to calibrate with', whole(1), DEFAULT_SPLIT.calibrationSamples),
  evaluate: withDefault(
    'N',
    'samples to evaluate with, never one to calibrate with',
    whole(1),
    DEFAULT_SPLIT.evaluationSamples,
  ),
  seed: withDefault('N', 'of the split, of random data and of training', whole(), DEFAULT_SPLIT.seed),
  inputScale: optional('S', 'multiply raw values by S instead of the guessed preprocessing', nonZero),
  audio: optional('FRONT-END', AUDIO_HELP, audioChoice),
  inputMean: optional('M[,M,M]', 'subtract M, in raw units, before scaling', listOf(decimal())),
  task: optional(
    'NAME',
    `what the model is judged as, where the guess is wrong: ${TASK_IDS.join(', ')}`,
    oneOf(TASK_IDS),
  ),
  metric: optional('NAME', `the task’s figure to judge by: ${METRIC_NAMES.join(', ')}`, oneOf(METRIC_NAMES)),
};

export type DataValues = ValuesOf<typeof DATA_OPTIONS>;
