import { TfjsModel } from '../engine/tfjs/model';
import type { Simulation } from '../engine/tfjs/simulation';
import type { Session } from './session';

/** Loads the open model with these fake quantizers for as long as `use` runs, and frees it whatever happens. */
export async function simulated<T>(
  session: Session,
  simulation: Simulation,
  use: (model: TfjsModel) => Promise<T>,
): Promise<T> {
  await session.tfjs();
  const model = TfjsModel.load(session.quantizableModel.graph, { simulate: simulation });
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}
