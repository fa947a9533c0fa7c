import type { Graph } from '../../core/graph/graph';
import type { QuantPlan } from '../../core/quantize/plan';
import { quantizeGraph } from '../../core/quantize/quantize-graph';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { Exported, JobControls } from '../contract/protocol';
import type { ModelVariant, Session } from '../session/session';
import { onVariant } from '../session/variant-first';
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

/** "resnet.h5" → "resnet_int8.tflite" */
function exportedName(fileName: string): string {
  const base = fileName
    .split('/')
    .pop()!
    .replace(/\.(tflite|h5|hdf5|keras|onnx|json|zip)$/i, '');
  return `${base || 'model'}_int8.tflite`;
}

/** Writes the integer .tflite under these settings. */
export async function exportFile(
  session: Session,
  { settings }: Spec<'exportFile'>,
  controls: JobControls,
): Promise<Exported> {
  return onVariant(session, settings, controls, async (variant, rest) => {
    const stages = new Stages(rest, 1);
    await stages.enter('Writing the file', 1);
    const { source } = session.model;
    const { plan, graph } = quantizeVariant(variant, settings);
    const fileName = exportedName(source.provenance.fileName);
    const keptFloat = [...plan.keptFloat, ...keptAsTheyAre(source)];
    return { fileName, bytes: writeWhole(graph, source), plan, keptFloat, notes: plan.notes };
  });
}
