/** Whether the float model itself does so badly that its labels or its inputs are to be suspected, before quantizing is. */

export interface FloatAnswers {
  readonly samples: number;
  /** 0 … 1 */
  readonly accuracy: number;
  /** Mean certainty of its answers, 0 … 1. */
  readonly confidence: number;
  readonly classes: number;
}

/** Fewer samples say nothing of a model. */
const FEWEST = 30;
/** How far a sound model's certainty runs ahead of its accuracy; modern networks are over-confident by a tenth. */
const OVERCONFIDENT = 0.35;

/** A sentence for people; null where nothing is odd. */
export function floatDoubt({ samples, accuracy, confidence, classes }: FloatAnswers): string | null {
  if (samples < FEWEST) return null;
  const chance = 1 / Math.max(2, classes);
  const noise = 2 * Math.sqrt((chance * (1 - chance)) / samples);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const right = `The float model is right on ${percent(accuracy)} of ${samples} samples`;
  const suspicion = 'labels or preprocessing are probably wrong.';
  if (accuracy <= chance + noise) return `${right}, no better than chance: ${suspicion}`;
  if (confidence - accuracy > OVERCONFIDENT)
    return `${right}, but ${percent(confidence)} sure of its answers: ${suspicion}`;
  return null;
}
