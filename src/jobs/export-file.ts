import { writeTflite } from '../core/formats/tflite/write';
import type { Graph } from '../core/graph/graph';
import type { QuantPlan } from '../core/quantize/plan';
import { quantizeGraph } from '../core/quantize/quantize-graph';
import { planQuantization } from '../core/quantize/resolve';
import type { QuantSettings } from '../core/quantize/settings';
import { Stages } from './progress';
import type { Exported, JobControls, Spec } from './protocol';
import type { Session } from './session';
import { onVariant } from './variant-first';
import type { Variant } from './variants';

export interface Quantized {
  readonly plan: QuantPlan;
  readonly graph: Graph;
  readonly bytes: Uint8Array;
}

/** Plan, integer graph and file in one go: a few milliseconds for an edge model. */
export function quantizeVariant({ graph, calibration }: Variant, settings: QuantSettings): Quantized {
  const plan = planQuantization(graph, calibration, settings);
  const quantized = quantizeGraph(graph, plan, settings);
  return { plan, graph: quantized, bytes: writeTflite(quantized) };
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
    const { plan, bytes } = quantizeVariant(variant, settings);
    const fileName = exportedName(session.model.source.provenance.fileName);
    return { fileName, bytes, plan, keptFloat: plan.keptFloat, notes: plan.notes };
  });
}
