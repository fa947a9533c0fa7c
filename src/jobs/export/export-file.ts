import { exportedName } from '../../core/exports/file-name';
import type { Graph } from '../../core/graph/graph';
import { modelName } from '../../core/graph/model-name';
import type { QuantPlan } from '../../core/quantize/plan';
import { quantizeGraph } from '../../core/quantize/quantize-graph';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { Exported, JobControls } from '../contract/protocol';
import type { ModelVariant, Session } from '../session/session';
import { runOnVariant } from '../session/run-on-variant';
import { keptAsTheyAre, writeWhole } from './whole-file';

export interface Quantized {
  readonly plan: QuantPlan;
  readonly graph: Graph;
}

/** Plan and integer graph in one go: a few milliseconds for an edge model. */
export function quantizeVariant({ graph, calibration }: ModelVariant, settings: QuantSettings): Quantized {
  const plan = planQuantization(graph, calibration, settings);
  return { plan, graph: quantizeGraph(graph, plan, settings) };
}

/** Writes the integer .tflite under these settings. */
export async function exportFile(
  session: Session,
  { settings }: Spec<'exportFile'>,
  controls: JobControls,
): Promise<Exported> {
  return runOnVariant(session, settings, controls, async (variant, rest) => {
    const stages = new Stages(rest, 1);
    await stages.enter('Writing the file', 1);
    const { source } = session.model;
    const { plan, graph } = quantizeVariant(variant, settings);
    const fileName = exportedName(modelName(source), settings);
    const keptFloat = [...plan.keptFloat, ...keptAsTheyAre(source)];
    return { fileName, bytes: writeWhole(graph, source), plan, keptFloat, notes: plan.notes };
  });
}
