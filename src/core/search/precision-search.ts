/**
 * Anytime search for mixed precision. What is asked for is measured by whoever runs it; any moment is a good one to stop.
 *
 * 1. The base everywhere, then every other choice everywhere: the marks by which the rest is judged.
 * 2. Each layer alone in each other choice, those that save most first: its sensitivity (HAWQ, Dong et al. 2019, has it
 *    from the Hessian; here it is measured, as the noise that the layer adds to the output).
 * 3. The front that sensitivities predict if they add up (ZeroQ, Cai et al. 2020; see {@link additiveFront}): first where
 *    the budget is, then ever farther from it.
 * 4. Where layers do mind each other, evolution from what was measured: changes, exchanges and crossings of configurations
 *    on the front, tried in the order of what the sensitivities promise beyond their parents' measured harm.
 * 5. A small space is then measured to its end, so that nothing is missed; a large one is searched until it is stopped.
 */
import { Random } from '../../base/random';
import { additiveFront, type Configuration } from './additive';
import { bestWithin, ParetoFront, type Budget, type Measured } from './pareto';

export interface Outcome extends Measured {
  /** What configurations are steered by: noise power of the output over its signal's. It adds up where errors are independent. */
  readonly harm: number;
}

export interface SearchSpace {
  /** What a choice costs for a layer beyond the base, by layer and choice; an estimate will do. */
  readonly costs: readonly (readonly number[])[];
  /** The choice that others are held against. */
  readonly base: number;
}

export interface SearchOptions {
  readonly budget: Budget | null;
  readonly seed: number;
}

interface Known extends Outcome {
  readonly configuration: Configuration;
}

interface Candidate {
  readonly configuration: Configuration;
  readonly cost: number;
  readonly harm: number;
}

/** Why a configuration is asked for. */
export type Phase = 'uniform' | 'layers' | 'predicted' | 'evolution' | 'rest';

export interface Proposal {
  readonly configuration: Configuration;
  readonly phase: Phase;
}

type Proposals<R = void> = Generator<Proposal, R, Outcome>;

/** Predicted configurations that are measured before evolution begins. */
const PREDICTED = 24;
/** Spaces of up to so many configurations are measured to the end. */
const ENUMERABLE = 4096;
/** Exchanges and crossings drawn for each new configuration. */
const DRAWN = 64;
/** Promises smaller than this are none: nepers of harm. */
const PROMISING = 1e-3;
/** How fast what is far from the budget loses its appeal, per whole width of the front. */
const FOCUS = 4;

const keyOf = (configuration: Configuration) => configuration.join();

/**
 * Yields a configuration to be measured and takes its outcome, never the same configuration twice. Ends when all have been
 * measured; in large spaces that is never.
 */
export function searchPrecision(space: SearchSpace, options: SearchOptions): Proposals {
  return new Search(space, options).run();
}

class Search {
  private readonly known = new Map<string, Known>();
  private readonly front = new ParetoFront<Known>();
  /** The same by harm, which is finer than what a score tells apart. */
  private readonly quiet = new ParetoFront<Known>();
  /** What evolution may try next. */
  private readonly pool = new Map<string, Candidate>();
  /** Configurations whose neighbours are in the pool or known. */
  private readonly changed = new Set<Configuration>();
  private readonly random: Random;
  private phase: Phase = 'uniform';
  private readonly layers: number;
  private readonly choices: number;
  private readonly size: number;
  /** By layer and choice, beyond the base. */
  private harms: number[][] = [];

  constructor(
    private readonly space: SearchSpace,
    private readonly options: SearchOptions,
  ) {
    this.layers = space.costs.length;
    this.choices = space.costs[0]?.length ?? 0;
    this.size = this.choices ** this.layers;
    this.random = new Random(options.seed);
  }

  *run(): Proposals {
    const { base } = this.space;
    const uniform = (choice: number) => new Array<number>(this.layers).fill(choice);
    yield* this.measure(uniform(base));
    for (let choice = 0; choice < this.choices; choice++) yield* this.measure(uniform(choice));
    this.phase = 'layers';
    yield* this.sensitivities();
    this.phase = 'predicted';
    yield* this.predicted();
    this.phase = 'evolution';
    yield* this.evolve();
  }

  private *measure(configuration: Configuration): Proposals {
    const key = keyOf(configuration);
    if (this.known.has(key)) return;
    const outcome = yield { configuration, phase: this.phase };
    const point = { ...outcome, configuration };
    this.known.set(key, point);
    this.pool.delete(key);
    this.front.add(point);
    this.quiet.add({ ...point, quality: -outcome.harm, tieBreak: outcome.quality });
  }

  private *sensitivities(): Proposals {
    const { costs, base } = this.space;
    const at = new Array<number>(this.layers).fill(base);
    const alone = costs.flatMap((row, layer) =>
      row.flatMap((cost, choice) => (choice === base ? [] : [{ layer, choice, saved: -cost }])),
    );
    for (const { layer, choice } of alone.sort((a, b) => b.saved - a.saved))
      yield* this.measure(at.with(layer, choice));
    const harmOf = (configuration: Configuration) => this.known.get(keyOf(configuration))!.harm;
    this.harms = costs.map((row, layer) => row.map((_, choice) => harmOf(at.with(layer, choice)) - harmOf(at)));
  }

  // ---- what sensitivities predict -------------------------------------------------------------------------------------

  private *predicted(): Proposals {
    const front = additiveFront({ costs: this.space.costs, harms: this.harms });
    const centre = yield* this.centreOf(front);
    const nearest = front
      .map((configuration, i) => ({ configuration, distance: Math.abs(i - centre) }))
      .sort((a, b) => a.distance - b.distance)
      .map(({ configuration }) => configuration);
    // Half of them next to the budget, half spread over all of the front.
    const near = nearest.slice(0, PREDICTED / 2);
    const spread = halving(front.length).slice(0, PREDICTED / 2);
    for (const configuration of [...near, ...spread.map((i) => front[i])]) yield* this.measure(configuration);
  }

  /** Where on a predicted front the budget lies; one of quality has to be looked for, by halving. */
  private *centreOf(front: readonly Configuration[]): Proposals<number> {
    const { budget } = this.options;
    if (!budget) return (front.length - 1) / 2;
    if (budget.kind === 'cost') {
      const within = front.filter((configuration) => this.costOf(configuration) <= budget.most);
      return Math.max(0, within.length - 1);
    }
    let [low, high] = [0, front.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      yield* this.measure(front[middle]);
      if (this.known.get(keyOf(front[middle]))!.quality >= budget.least) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private costOf(configuration: Configuration): number {
    const { base, costs } = this.space;
    const start = this.known.get(keyOf(new Array<number>(this.layers).fill(base)))!.cost;
    return configuration.reduce((sum, choice, layer) => sum + costs[layer][choice], start);
  }

  // ---- evolution ------------------------------------------------------------------------------------------------------

  private *evolve(): Proposals {
    while (this.known.size < this.size) {
      const next = this.mostPromising(this.candidates());
      if (next) yield* this.measure(next);
      else if (this.size <= ENUMERABLE) return yield* this.theRest();
      else yield* this.measure(this.leap());
    }
  }

  /** Configurations a step from those that are or were on either front, as the sensitivities see them from there. */
  private candidates(): Iterable<Candidate> {
    const parents = [
      ...new Set([...this.front.points, ...this.quiet.points].map(({ configuration }) => configuration)),
    ];
    const add = (parent: Configuration, configuration: Configuration) => {
      const key = keyOf(configuration);
      if (!this.known.has(key) && !this.pool.has(key)) this.pool.set(key, this.from(parent, configuration));
    };
    for (const parent of parents) {
      if (this.changed.has(parent)) continue;
      this.changed.add(parent);
      for (let layer = 0; layer < this.layers; layer++)
        for (let choice = 0; choice < this.choices; choice++) add(parent, parent.with(layer, choice));
    }
    for (let i = 0; i < DRAWN; i++) {
      const parent = parents[this.random.integer(parents.length)];
      const other = parents[this.random.integer(parents.length)];
      add(parent, this.exchanged(parent));
      const crossed = parent.map((choice, layer) => (this.random.uniform() < 0.5 ? choice : other[layer]));
      add(parent, crossed);
    }
    return this.pool.values();
  }

  /** The parent as measured, plus what the changed layers add and save. */
  private from(parent: Configuration, configuration: Configuration): Candidate {
    let { cost, harm } = this.known.get(keyOf(parent))!;
    configuration.forEach((choice, layer) => {
      const before = parent[layer];
      cost += this.space.costs[layer][choice] - this.space.costs[layer][before];
      harm += this.harms[layer][choice] - this.harms[layer][before];
    });
    return { configuration, cost, harm };
  }

  /** Two layers take new choices. */
  private exchanged(configuration: Configuration): Configuration {
    const draw = () => [this.random.integer(this.layers), this.random.integer(this.choices)] as const;
    return configuration.with(...draw()).with(...draw());
  }

  /** The candidate that would lower the front of harm most, near the budget rather than far from it. */
  private mostPromising(candidates: Iterable<Candidate>): Configuration | null {
    const points = this.quiet.points;
    const target = this.targetCost();
    const width = points[points.length - 1].cost - points[0].cost || 1;
    let best: Candidate | null = null;
    let most = PROMISING;
    for (const candidate of candidates) {
      const rival = this.rivalOf(candidate);
      // Cheaper than everything: that is worth as much as a step of harm by e.
      const gain = rival ? Math.log(rival.harm / Math.max(candidate.harm, rival.harm * 1e-3)) : 1;
      const appeal = target === null ? 1 : Math.exp((-FOCUS * Math.abs(candidate.cost - target)) / width);
      if (gain * appeal > most) [best, most] = [candidate, gain * appeal];
    }
    return best?.configuration ?? null;
  }

  /** The least harm that costs no more. */
  private rivalOf({ cost }: Candidate): Known | undefined {
    const { points } = this.quiet;
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle].cost <= cost) low = middle + 1;
      else high = middle;
    }
    return points[low - 1];
  }

  private targetCost(): number | null {
    const { budget } = this.options;
    if (budget?.kind === 'cost') return budget.most;
    return budget && (bestWithin(this.front.points, budget)?.cost ?? null);
  }

  /** A point of the front with a few layers changed at random. */
  private leap(): Configuration {
    const { points } = this.front;
    for (;;) {
      const configuration = [...points[this.random.integer(points.length)].configuration];
      const changes = 2 + this.random.integer(Math.max(1, this.layers - 1));
      for (let i = 0; i < changes; i++)
        configuration[this.random.integer(this.layers)] = this.random.integer(this.choices);
      if (!this.known.has(keyOf(configuration))) return configuration;
    }
  }

  /** All that is left of a small space, the least harm for its cost first. */
  private *theRest(): Proposals {
    this.phase = 'rest';
    const base = new Array<number>(this.layers).fill(this.space.base);
    const left: Candidate[] = [];
    for (let n = 0; n < this.size; n++) {
      const configuration: number[] = [];
      for (let layer = 0, digits = n; layer < this.layers; layer++) {
        configuration.push(digits % this.choices);
        digits = Math.floor(digits / this.choices);
      }
      if (!this.known.has(keyOf(configuration))) left.push(this.from(base, configuration));
    }
    const excess = new Map(left.map((each) => [each, each.harm - (this.rivalOf(each)?.harm ?? Infinity)]));
    for (const { configuration } of left.sort((a, b) => excess.get(a)! - excess.get(b)!))
      yield* this.measure(configuration);
  }
}

/** 0 … n − 1, the ends first, then the middle, then the middles between: ever finer. */
export function halving(n: number): number[] {
  const order = new Set<number>();
  if (n > 0) order.add(0).add(n - 1);
  for (let parts = 2; order.size < n && parts < 2 * n; parts *= 2)
    for (let k = 1; k < parts; k += 2) order.add(Math.round((k * (n - 1)) / parts));
  return [...order];
}
