import type { Graph } from '../../core/graph/graph';
import { TfjsModel } from '../../engine/tfjs/model';
import { FLOAT, type Simulation } from '../../engine/tfjs/simulation';
import type { Session } from './session';

/** Loads a graph with these fake quantizers for as long as `use` runs, and frees it whatever happens. */
export async function simulated<T>(
  session: Session,
  graph: Graph,
  simulation: Simulation,
  use: (model: TfjsModel) => Promise<T>,
): Promise<T> {
  await session.tfjs();
  const model = TfjsModel.load(graph, { simulate: simulation });
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

/** Runs a graph in float: with the engine the session keeps for the open model, with one of its own for a variant. */
export async function inFloat<T>(session: Session, graph: Graph, use: (model: TfjsModel) => Promise<T>): Promise<T> {
  return graph === session.quantizableModel.graph ? use(await session.float()) : simulated(session, graph, FLOAT, use);
}
