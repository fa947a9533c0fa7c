import type { LayerError } from '../../../jobs/contract/protocol';

/** Below this nobody would call a layer better or worse. */
const NOTICED_DB = 0.1;

/** How many layers came closer to float, and how many went away from it. Exact layers compare as equal. */
export function gains(
  before: readonly LayerError[],
  after: readonly LayerError[],
): { readonly better: number; readonly worse: number } {
  const earlier = new Map(before.map(({ op, sqnrDb }) => [op, sqnrDb]));
  const changes = after.flatMap(({ op, sqnrDb }) => {
    const was = earlier.get(op);
    return was === undefined || was === sqnrDb ? [] : [sqnrDb - was];
  });
  return {
    better: changes.filter((change) => change > NOTICED_DB).length,
    worse: changes.filter((change) => change < -NOTICED_DB).length,
  };
}
