import { RangefinderError } from '../errors';
import type { NumberFormat } from '../numerics/format';
import { ESTIMATORS, estimatorOf } from '../ranges/estimators/table';
import type { Distribution, Range } from '../ranges/types';
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
