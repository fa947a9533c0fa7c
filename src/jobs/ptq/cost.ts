import { FLOAT32, formatsOfPlan, uniformFormats } from '../../core/cost/formats';
import { modelCost, type FormatOf } from '../../core/cost/model-cost';
import { formatOf } from '../../core/number-formats/table';
import { planQuantization } from '../../core/quantize/resolve';
import type { Spec } from '../contract/jobs';
import type { CostComparison, JobControls } from '../contract/protocol';
import type { Session } from '../session/session';
import { withoutPartials } from '../session/run-on-variant';

/** The format that INT8 is held against: same bits, other arithmetic. */
const FP8 = formatOf('fp8-e4m3fn')!;

/** What one inference costs in float, as planned, and in FP8 throughout. */
export async function cost(
  session: Session,
  { settings, accumulator }: Spec<'cost'>,
  controls: JobControls,
): Promise<CostComparison> {
  const { graph, calibration } = await session.variants.of(settings, withoutPartials(controls));
  const of = (formats: FormatOf) => modelCost(graph, formats, accumulator);
  return {
    float: of(uniformFormats(graph, FLOAT32, FLOAT32)),
    planned: of(formatsOfPlan(graph, planQuantization(graph, calibration, settings))),
    fp8: of(uniformFormats(graph, FP8.weights, FP8.activations)),
  };
}
