/** Which configurations of a plan come next: all of them at once, or generation by generation after the Pareto front. */
import { Random } from '../../base/random';
import { ParetoFront, type Measured } from '../search/pareto';
import type { SweepPlan } from './plan';
import type { Space } from './space';

/** By index of the point; null for one that has no figures. */
export type Outcomes = ReadonlyMap<number, Measured | null>;

/** Draws of a point that nobody tried before all points are looked through. */
const DRAWS = 64;

/**
 * The points to be tried after those that were; none when the sweep is done. It depends on the plan and the outcomes alone,
 * so that a sweep that was stopped goes on as if it had not been.
 *
 * The search is Pareto local search (Paquete, Chiarandini and Stützle 2004): what differs in one choice from the
 * configurations that nothing beats is tried next, and points drawn at random where all of these are known.
 *
 * @param outcomes of all points of the generations before
 */
export function nextGeneration({ search }: SweepPlan, space: Space, outcomes: Outcomes): readonly number[] {
  if (search.kind === 'grid') return outcomes.size > 0 ? [] : Array.from({ length: space.size }, (_, i) => i);
  const wanted = Math.min(search.generation, Math.min(search.configurations, space.size) - outcomes.size);
  if (wanted <= 0) return [];
  const random = new Random(search.seed, outcomes.size);
  const next = new Set<number>();
  // What all is held against: the first value of everything.
  if (outcomes.size === 0) next.add(0);
  for (const index of random.shuffle(besideFront(space, outcomes))) if (next.size < wanted) next.add(index);
  for (let draw = 0; draw < DRAWS * wanted && next.size < wanted; draw++) {
    const index = random.integer(space.size);
    if (!outcomes.has(index)) next.add(index);
  }
  for (let index = 0; index < space.size && next.size < wanted; index++) if (!outcomes.has(index)) next.add(index);
  return [...next];
}

function besideFront(space: Space, outcomes: Outcomes): number[] {
  const front = new ParetoFront<Measured & { readonly index: number }>();
  for (const [index, outcome] of outcomes) if (outcome) front.add({ ...outcome, index });
  const beside = front.points.flatMap(({ index }) => space.neighbours(index));
  return [...new Set(beside)].filter((index) => !outcomes.has(index));
}
