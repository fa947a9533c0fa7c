import { RangefinderError } from '../../base/errors';
import { Random } from '../../base/random';
import type { Split } from './types';

export interface SplitRequest {
  readonly calibration: number;
  readonly evaluation: number;
  readonly seed: number;
}

/**
 * Draws disjoint calibration and evaluation samples out of `size`. With labels the draw is stratified, and so is every
 * run from the start of either: a part of a split is as balanced as the whole. Where there are fewer samples than asked
 * for, both shrink in proportion and keep at least one.
 * @throws RangefinderError 'invalid-data' below two samples, 'invalid-settings' for counts below one.
 */
export function makeSplit(size: number, labels: Int32Array | undefined, request: SplitRequest): Split {
  if (size < 2) throw tooFewSamples(size);
  const asked = { calibration: Math.floor(request.calibration), evaluation: Math.floor(request.evaluation) };
  if (!(asked.calibration >= 1 && asked.evaluation >= 1))
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `${request.calibration} calibration and ${request.evaluation} evaluation samples were asked for.`,
      hint: 'Ask for at least one of each.',
    });
  let { calibration, evaluation } = asked;
  if (calibration + evaluation > size) {
    calibration = Math.round((size * calibration) / (calibration + evaluation));
    calibration = Math.min(size - 1, Math.max(1, calibration));
    evaluation = size - calibration;
  }
  const order = drawingOrder(size, labels, new Random(request.seed));
  return {
    calibration: order.slice(0, calibration),
    evaluation: order.slice(calibration, calibration + evaluation),
  };
}

/** @param reasons why there are no more, said with it */
export function tooFewSamples(size: number, reasons?: string): RangefinderError {
  const held = size === 1 ? 'one sample' : 'no samples';
  return new RangefinderError({
    code: 'invalid-data',
    message: `The data holds ${held}; two are needed at least, one to calibrate with and another to evaluate.`,
    hint: 'Add samples: a few hundred to calibrate and as many to evaluate.',
    ...(reasons !== undefined && { details: [reasons] }),
  });
}

/** The split of two sets: samples from `start` on are evaluated on, those before it calibrated with. */
export function makeSeparateSplit(
  size: number,
  start: number,
  labels: Int32Array | undefined,
  request: SplitRequest,
): Split {
  const draw = (from: number, to: number, count: number) => {
    const own = labels?.subarray(from, to);
    return drawingOrder(to - from, own, new Random(request.seed))
      .slice(0, Math.max(1, Math.floor(count)))
      .map((index) => index + from);
  };
  return { calibration: draw(0, start, request.calibration), evaluation: draw(start, size, request.evaluation) };
}

/**
 * All samples in a random order; with labels, sample j of a shuffled class of n gets the place (j + u)/n, with a random
 * u in [0, 1) per class, which spreads each class evenly over the order.
 */
function drawingOrder(size: number, labels: Int32Array | undefined, random: Random): Uint32Array {
  const shuffled = random.shuffle(Uint32Array.from({ length: size }, (_, i) => i));
  if (!labels) return shuffled;
  const classSize = new Map<number, number>();
  for (const label of labels) classSize.set(label, (classSize.get(label) ?? 0) + 1);
  const next = new Map<number, number>();
  for (const label of classSize.keys()) next.set(label, random.uniform());
  const place = new Float64Array(size);
  for (const index of shuffled) {
    const label = labels[index];
    const at = next.get(label)!;
    next.set(label, at + 1);
    place[index] = at / classSize.get(label)!;
  }
  return shuffled.sort((i, j) => place[i] - place[j]);
}
