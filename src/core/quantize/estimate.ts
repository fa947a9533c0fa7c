import { RangefinderError } from '../../base/errors';
import type { NumberFormat } from '../number-formats/format';
import { ESTIMATORS, estimatorOf } from '../calibration/estimators/table';
import type { Distribution, Range } from '../calibration/types';
import type { EstimatorChoice } from './settings';

/**
 * The range an estimator chooses; parameters it was not given take their defaults.
 * @throws RangefinderError 'invalid-settings' for an estimator that is not in the table.
 */
export function estimateRange(distribution: Distribution, format: NumberFormat, choice: EstimatorChoice): Range {
  const estimator = estimatorOf(choice.id);
  if (!estimator)
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `There is no range estimator "${choice.id}".`,
      hint: `Choose one of ${ESTIMATORS.map(({ id }) => id).join(', ')}.`,
    });
  const defaults = Object.fromEntries(estimator.params.map((param) => [param.id, param.default]));
  return estimator.estimate(distribution, format, { ...defaults, ...choice.params });
}

const memory = new WeakMap<object, Map<string, readonly Range[]>>();

/**
 * Ranges of something that does not change, statistics or weights, found once for each choice: a drag plans the whole
 * model again, and all but one tensor stay as they were.
 */
export function rememberedRanges(
  source: object,
  format: NumberFormat,
  { id, params }: EstimatorChoice,
  find: () => readonly Range[],
  axis = '',
): readonly Range[] {
  let known = memory.get(source);
  if (!known) memory.set(source, (known = new Map<string, readonly Range[]>()));
  const key = JSON.stringify([format, axis, id, params]);
  let ranges = known.get(key);
  if (!ranges) known.set(key, (ranges = find()));
  return ranges;
}
