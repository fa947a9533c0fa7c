/** The configurations that a plan spans: one value of each dimension that is varied. */
import { RangefinderError } from '../../base/errors';
import { ALGORITHMS } from '../algorithms/table';
import { DEFAULT_SETTINGS, type AlgorithmChoice, type QuantSettings } from '../quantize/settings';
import { DEFAULT_QAT } from '../training/settings';
import type { SweepPlan } from './plan';
import type { Trial } from './trial';

/** Positions among the values of the dimensions, in their order. */
export type Point = readonly number[];

type Choice = Pick<Trial, 'settings' | 'improve' | 'training'>;
type Vary = SweepPlan['vary'];
type Dimension = {
  readonly [K in keyof Vary]-?: { readonly of: K; readonly values: NonNullable<Vary[K]> };
}[keyof Vary];

/** A sweep of more would be no sweep, but a mistake in its plan. */
const MOST_POINTS = 1_000_000;

const ORDER: readonly (keyof Vary)[] = [
  'weights',
  'activations',
  'granularity',
  'estimator',
  'weightEstimator',
  'algorithms',
  'training',
];

export class Space {
  private readonly dimensions: readonly Dimension[];

  /** @throws RangefinderError 'too-large' */
  constructor(private readonly plan: SweepPlan) {
    this.dimensions = ORDER.flatMap((of) => {
      const values = plan.vary[of];
      return values ? [{ of, values } as Dimension] : [];
    });
    if (this.size > MOST_POINTS)
      throw new RangefinderError({
        code: 'too-large',
        message: `The plan spans ${this.size.toLocaleString('en')} configurations; up to ${MOST_POINTS.toLocaleString('en')} are taken.`,
        hint: 'Vary fewer things at once.',
      });
  }

  get size(): number {
    return this.dimensions.reduce((product, { values }) => product * values.length, 1);
  }

  /** The last dimension runs fastest. @param index 0 .. size − 1 */
  pointAt(index: number): Point {
    const point: number[] = [];
    let rest = index;
    for (const { values } of this.dimensions.toReversed()) {
      point.unshift(rest % values.length);
      rest = Math.floor(rest / values.length);
    }
    return point;
  }

  indexOf(point: Point): number {
    return this.dimensions.reduce((index, { values }, i) => index * values.length + point[i], 0);
  }

  /** Points that differ in one dimension, by their index. */
  neighbours(index: number): number[] {
    const point = this.pointAt(index);
    return this.dimensions.flatMap(({ values }, i) =>
      [...values.keys()].filter((at) => at !== point[i]).map((at) => this.indexOf(point.with(i, at))),
    );
  }

  /** What is tried at a point. */
  choiceAt(index: number): Choice {
    const point = this.pointAt(index);
    const first: Choice = { settings: this.plan.settings ?? DEFAULT_SETTINGS, improve: false, training: null };
    return this.dimensions.reduce<Choice>((choice, dimension, i) => changed(choice, dimension, point[i]), first);
  }
}

function changed(choice: Choice, { of, values }: Dimension, at: number): Choice {
  const { settings } = choice;
  const { weights, activations } = settings;
  const withSettings = (change: Partial<QuantSettings>): Choice => ({
    ...choice,
    settings: { ...settings, ...change },
  });
  switch (of) {
    case 'weights':
      return withSettings({ weights: withFormat(weights, values[at]) });
    case 'activations':
      return withSettings({ activations: withFormat(activations, values[at]) });
    case 'granularity':
      return withSettings({ weights: { ...weights, granularity: values[at] } });
    case 'estimator':
      return withSettings({ activations: { ...activations, estimator: { id: values[at], params: {} } } });
    case 'weightEstimator':
      return withSettings({ weights: { ...weights, estimator: { id: values[at], params: {} } } });
    case 'algorithms': {
      const value = values[at];
      if (value === 'improve') return { ...withSettings({ algorithms: [] }), improve: true };
      return withSettings({ algorithms: inOrder(value.map(chosen)) });
    }
    case 'training': {
      const training = values[at]!;
      // There is no GPU that all machines share, and the same numbers are wanted of all.
      return { ...choice, training: training && { ...DEFAULT_QAT, ...training, backend: 'wasm' } };
    }
  }
}

/** INT8 is what is meant where no format is named: named or not, it is the same trial. */
function withFormat<T extends { readonly format?: string }>(of: T, format: string): T {
  const { format: _before, ...rest } = of;
  return (format === 'int8' ? rest : { ...rest, format }) as T;
}

const chosen = (one: string | AlgorithmChoice): AlgorithmChoice =>
  typeof one === 'string' ? { id: one, params: {} } : one;

/** As the page and reports have them: what is the same has the same key. */
function inOrder(choices: readonly AlgorithmChoice[]): readonly AlgorithmChoice[] {
  const order = ALGORITHMS.map(({ id }) => id);
  return choices.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}
