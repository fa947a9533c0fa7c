import { RangefinderError } from '../../base/errors';
import { readModel } from '../../core/model-formats/read-model';
import type { Graph, TensorId } from '../../core/graph/graph';
import { computablePart } from '../../core/graph/partition';
import { normalize } from '../../core/graph/passes/normalize';
import { isQuantized, recoverFloat } from '../../core/graph/passes/recover-float';
import { constantOps, foldConstants } from '../../engine/tfjs/fold-constants';
import { modelView } from './model-view';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls, ModelView } from '../contract/protocol';
import type { OpenModel, Session } from '../session/session';

/** Reads a model from its files, of whatever format, and makes it the session's. */
export async function openModel(session: Session, spec: Spec<'openModel'>, controls: JobControls): Promise<ModelView> {
  const stages = new Stages(controls, 2);
  await stages.enter('Reading the model', 1);
  const source = recoverFloat(await readModel(spec.files, spec.sizes));
  await stages.enter('Folding and fusing', 1);
  const graph = await withoutConstantOps(session, computedGraph(source));
  if (graph && !dependsOnInput(graph)) throw withoutInputs(source);
  const model = openedModel(source, graph);
  session.setModel(model);
  return model.view;
}

/** Whether any output does: what a file calls inputs may lead nowhere. Opaque ops are taken to pass on what they are fed. */
function dependsOnInput({ inputs, outputs, ops }: Graph): boolean {
  const reached = new Set<TensorId>(inputs);
  for (const op of ops)
    if (op.inputs.some((id) => id !== null && reached.has(id))) for (const id of op.outputs) reached.add(id);
  return outputs.some((id) => reached.has(id));
}

function withoutInputs({ name, provenance }: Graph): RangefinderError {
  return new RangefinderError({
    code: 'invalid-graph',
    message: `No output of ${name} depends on an input: it gives the same answer whatever it is fed.`,
    where: provenance.fileName,
    hint: 'Export the model with the outputs that are computed from its inputs.',
  });
}

/** What is computed of a model, ready to be calibrated; null where nothing can be. */
export function computedGraph(source: Graph): Graph | null {
  // What could not be made a float graph is shown as it is: its parameters belong to its own ops.
  if (isQuantized(source)) return source;
  const part = computablePart(source);
  return part && normalize(part);
}

/** What is left of the ops once those that work on constants alone were computed, which may let others be folded. */
async function withoutConstantOps(session: Session, graph: Graph | null): Promise<Graph | null> {
  if (!graph || isQuantized(graph) || constantOps(graph).length === 0) return graph;
  await session.tfjs();
  const folded = await foldConstants(graph);
  return folded === graph ? graph : normalize(folded);
}

/** What a session keeps of a model that was read. */
export function openedModel(source: Graph, graph: Graph | null): OpenModel {
  return { source, graph: graph ?? source, view: modelView(graph, source) };
}
