/** Looks at what is about to be fed to the model and says what does not look right, with a fix where there is one. */
import { betterCandidate, comparison, isMoreAccurate, type CandidateScore } from './choose';
import type { DoctorFinding, Preprocessing, Split } from './types';

/** Over some samples as they go into the model. */
export interface InputStatistics {
  readonly samples: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** NaN and infinite values; they are in nothing else here. */
  readonly nonFinite: number;
  /** Samples all of whose values are equal. */
  readonly constantSamples: number;
}

export interface Examination {
  readonly inputs: InputStatistics;
  /** Elements of the model's first output, where it classifies. */
  readonly classes?: number | undefined;
  readonly labels?: Int32Array | undefined;
  readonly classNames?: readonly string[] | undefined;
  readonly split: Split;
  /** Whether the model itself brings raw values to size. */
  readonly rescalesInside?: boolean;
  /** The trial of preprocessings on the float model; `chosen` is the one in use. */
  readonly trial?:
    | {
        readonly chosen: CandidateScore;
        readonly others: readonly (CandidateScore & { readonly pipeline: Preprocessing })[];
        /** The chosen pipeline with red and blue exchanged. */
        readonly swapped?: CandidateScore & { readonly pipeline: Preprocessing };
      }
    | undefined;
}

/** Fewer samples than this miss rare activations; TensorFlow's guide asks for 100 to 500. */
const FEW_CALIBRATION_SAMPLES = 100;
const FEW_EVALUATION_SAMPLES = 100;

export function inputStatistics(samples: readonly Float32Array[]): InputStatistics {
  let [min, max, sum, squares, count, nonFinite, constantSamples] = [Infinity, -Infinity, 0, 0, 0, 0, 0];
  for (const values of samples) {
    if (values.every((value) => value === values[0])) constantSamples++;
    for (const value of values) {
      if (!Number.isFinite(value)) {
        nonFinite++;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
      squares += value * value;
      count++;
    }
  }
  const mean = sum / count;
  const std = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { samples: samples.length, min, max, mean, std, nonFinite, constantSamples };
}

/** All that is wrong, or one finding that nothing is. */
export function examine(examination: Examination): DoctorFinding[] {
  const warnings = CHECKS.flatMap((check) => check(examination) ?? []).map((finding): DoctorFinding => ({
    severity: 'warning',
    ...finding,
  }));
  return warnings.length > 0 ? warnings : [{ severity: 'ok', message: healthy(examination) }];
}

type Warning = Omit<DoctorFinding, 'severity'>;
type Check = (examination: Examination) => Warning | undefined;

const CHECKS: readonly Check[] = [
  ({ inputs: { nonFinite } }) =>
    nonFinite > 0 ? { message: `${nonFinite} input values are NaN or infinite; they poison every figure.` } : undefined,

  ({ inputs: { constantSamples, samples } }) =>
    constantSamples > 0
      ? { message: `${constantSamples} of ${samples} samples hold one value throughout: empty or unreadable data?` }
      : undefined,

  ({ trial }) => {
    if (!trial) return undefined;
    const { chosen, others } = trial;
    const better = betterCandidate(others, chosen);
    if (!better) return undefined;
    const message = `The range of values does not look like what the model was trained on: ${comparison(better, chosen)}.`;
    return { about: 'input', message, fix: better.pipeline };
  },

  ({ trial }) =>
    trial?.swapped && isMoreAccurate(trial.swapped, trial.chosen)
      ? {
          about: 'input',
          message: `Red and blue look exchanged: ${comparison(trial.swapped, trial.chosen)}.`,
          fix: trial.swapped.pipeline,
        }
      : undefined,

  ({ trial, inputs, rescalesInside }) =>
    !trial && !rescalesInside && inputs.min >= 0 && inputs.max > 100 && inputs.max <= 255
      ? { about: 'input', message: `Values go up to ${inputs.max}; most models are trained on 0 … 1 or −1 … 1.` }
      : undefined,

  ({ labels, classes }) => {
    if (!labels || classes === undefined) return undefined;
    const largest = labels.reduce((max, label) => Math.max(max, label), 0);
    const outputs = Math.max(2, classes);
    return largest >= outputs
      ? {
          message: `Labels go up to ${largest}, but the model tells only ${outputs} classes apart (0 to ${outputs - 1}).`,
        }
      : undefined;
  },

  ({ classNames, classes }) => {
    if (!classNames || classes === undefined || classNames.length >= Math.max(2, classes)) return undefined;
    const background = classes === classNames.length + 1 ? ' Its first may be a background class.' : '';
    return {
      message:
        `The data has ${classNames.length} classes and the model ${classes}: class numbers, given in the order of names, ` +
        `may not be the model's.${background}`,
    };
  },

  ({ trial, classes, labels }) => {
    if (!trial || !labels || classes === undefined || trial.chosen.metric !== 'accuracy') return undefined;
    const { score, samples } = trial.chosen;
    const chance = 1 / Math.max(2, classes);
    const noise = 2 * Math.sqrt((chance * (1 - chance)) / samples);
    return score <= chance + noise
      ? {
          message:
            `The float model is right on ${Math.round(100 * score)} % of ${samples} samples, no better than chance: ` +
            'the labels may number the classes differently, or the preprocessing is wrong.',
        }
      : undefined;
  },

  ({ labels, split: { calibration } }) => {
    if (!labels || calibration.length < FEW_CALIBRATION_SAMPLES) return undefined;
    const counts = new Map<number, number>();
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    const drawn = new Set(Array.from(calibration, (index) => labels[index]));
    const missing = counts.size - drawn.size;
    if (missing > 0)
      return {
        message: `${missing} of ${counts.size} classes have no calibration sample: their activations go unseen.`,
      };
    const [most, least] = [Math.max(...counts.values()), Math.min(...counts.values())];
    return most > 20 * least
      ? { message: `Classes are uneven: the largest has ${most} samples, the smallest ${least}.` }
      : undefined;
  },

  ({ split: { calibration } }) =>
    calibration.length < FEW_CALIBRATION_SAMPLES
      ? { message: `${plural(calibration.length)} to calibrate: rare activations may be missed, 100 to 500 are usual.` }
      : undefined,

  ({ split: { evaluation } }) =>
    evaluation.length < FEW_EVALUATION_SAMPLES
      ? {
          message: `${plural(evaluation.length)} to evaluate: one sample is ${(100 / evaluation.length).toFixed(1)} points.`,
        }
      : undefined,
];

function healthy({ inputs: { min, max, mean, std }, trial }: Examination): string {
  const range = `Inputs lie in ${short(min)} … ${short(max)}, mean ${short(mean)}, deviation ${short(std)}`;
  return trial?.chosen.metric === 'accuracy'
    ? `${range}; the float model is right on ${Math.round(100 * trial.chosen.score)} % of ${trial.chosen.samples} samples.`
    : `${range}; nothing looks wrong.`;
}

const plural = (count: number) => (count === 1 ? 'One sample' : `${count} samples`);

const short = (value: number) => String(Number(value.toPrecision(3))).replace('-', '−');
