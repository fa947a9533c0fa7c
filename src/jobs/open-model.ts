import { readModel } from '../core/formats/read-model';
import { computablePart } from '../core/graph/partition';
import { normalize } from '../core/graph/passes/normalize';
import { isQuantized, modelView } from './model-view';
import { Stages } from './progress';
import type { JobControls, ModelView, Spec } from './protocol';
import type { Session } from './session';

/** Reads a model from its files, of whatever format, and makes it the session's. */
export async function openModel(session: Session, spec: Spec<'openModel'>, controls: JobControls): Promise<ModelView> {
  const stages = new Stages(controls, 2);
  await stages.enter('Reading the model', 1);
  const source = await readModel(spec.files);
  await stages.enter('Folding and fusing', 1);
  // A quantized file is shown as it is: its parameters belong to its own ops.
  const quantized = isQuantized(source);
  const part = quantized ? source : computablePart(source);
  const graph = quantized ? source : part && normalize(part);
  const view = modelView(graph, source);
  session.setModel({ source, graph: graph ?? source, view });
  return view;
}
