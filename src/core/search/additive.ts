/**
 * The front of a model in which layers do not mind each other: harm and cost of a configuration are sums over its layers.
 * ZeroQ (Cai et al. 2020, section 3.2) takes sensitivities for that and finds the front by dynamic programming, layer by
 * layer; what no cheaper partial configuration leaves without a use goes on.
 */

/** One choice for each layer, by index. */
export type Configuration = readonly number[];

export interface AdditiveModel {
  /** By layer and choice, beyond those of a base; of any sign. */
  readonly costs: readonly (readonly number[])[];
  readonly harms: readonly (readonly number[])[];
}

interface Partial {
  readonly cost: number;
  readonly harm: number;
  readonly choice: number;
  readonly rest: Partial | null;
}

/** Partial configurations kept at most: where there are more, the best of each of as many equal steps of cost. */
const MOST = 1024;

/** Configurations that no other beats in both, ascending in cost; exact unless more than `most` have to be kept. */
export function additiveFront({ costs, harms }: AdditiveModel, most = MOST): Configuration[] {
  let front: Partial[] = [{ cost: 0, harm: 0, choice: -1, rest: null }];
  costs.forEach((choices, layer) => {
    const longer = front.flatMap((rest) =>
      choices.map((cost, choice) => ({
        cost: rest.cost + cost,
        harm: rest.harm + harms[layer][choice],
        choice,
        rest,
      })),
    );
    front = thinned(undominated(longer), most);
  });
  return front.map(choicesOf);
}

function undominated(all: Partial[]): Partial[] {
  let least = Infinity;
  return all
    .sort((a, b) => a.cost - b.cost || a.harm - b.harm)
    .filter(({ harm }) => harm < least && ((least = harm), true));
}

/** The last of each step of cost does least harm; the cheapest stays, too. */
function thinned(front: Partial[], most: number): Partial[] {
  if (front.length <= most) return front;
  const [first, last] = [front[0].cost, front[front.length - 1].cost];
  const stepOf = ({ cost }: Partial) => Math.floor(((cost - first) / (last - first)) * (most - 1));
  return front.filter((point, i) => i === 0 || i === front.length - 1 || stepOf(point) !== stepOf(front[i + 1]));
}

function choicesOf(point: Partial): Configuration {
  const choices: number[] = [];
  for (let at = point; at.rest; at = at.rest) choices.push(at.choice);
  return choices.reverse();
}
