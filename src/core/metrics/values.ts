/** Figures of outputs that are values: against targets, against the float model's, against what went in. */
import type { Collector, Seen } from './collector';
import { SumCollector } from './collector';
import { sqnrDb, worstOf } from './error-accumulator';

const targetsOf = ({ truth }: Seen) => truth as ArrayLike<number>;

export function meanAbsoluteError(): Collector {
  return new SumCollector(
    2,
    (seen, add) => {
      const target = targetsOf(seen);
      seen.values.forEach((value, i) => add(0, Math.abs(value - target[i])));
      add(1, seen.values.length);
    },
    ([sum, n]) => sum / n,
  );
}

export function rootMeanSquaredError(): Collector {
  return new SumCollector(
    2,
    (seen, add) => {
      const target = targetsOf(seen);
      seen.values.forEach((value, i) => add(0, (value - target[i]) ** 2));
      add(1, seen.values.length);
    },
    ([sum, n]) => Math.sqrt(sum / n),
  );
}

/** Of each column by itself, as scikit-learn's `r2_score` averages them uniformly; columns without variance are left out. */
export function explainedVariance(columns: number): Collector {
  // Sums of squares are taken about the first sample's targets: about 0 those of large targets would cancel.
  let origin: Float64Array | null = null;
  return new SumCollector(
    1 + 3 * columns,
    (seen, add) => {
      const target = targetsOf(seen);
      origin ??= Float64Array.from({ length: columns }, (_, c) => target[c]);
      add(0, 1);
      for (let c = 0; c < columns; c++) {
        const about = target[c] - origin[c];
        add(1 + 3 * c, (seen.values[c] - target[c]) ** 2);
        add(2 + 3 * c, about);
        add(3 + 3 * c, about * about);
      }
    },
    (sums) => {
      let [total, used] = [0, 0];
      for (let c = 0; c < columns; c++) {
        const variance = sums[3 + 3 * c] - sums[2 + 3 * c] ** 2 / sums[0];
        if (!(variance > 1e-12 * sums[3 + 3 * c])) continue;
        total += 1 - sums[1 + 3 * c] / variance;
        used++;
      }
      return used === 0 ? NaN : total / used;
    },
  );
}

/** Mean over samples; a vector of zeros points nowhere, and counts as 0. */
export function meanCosine(): Collector {
  return new SumCollector(
    2,
    ({ values, float }, add) => {
      let [dot, a, b] = [0, 0, 0];
      values.forEach((value, i) => {
        dot += value * float[i];
        a += value * value;
        b += float[i] * float[i];
      });
      add(0, a > 0 && b > 0 ? dot / Math.sqrt(a * b) : Number(a === b));
      add(1, 1);
    },
    ([sum, n]) => sum / n,
  );
}

/** Samples a neighbour is looked for among: all pairs of more would take longer than the model. */
const GALLERY = 2000;

/**
 * Samples whose nearest neighbour by cosine is right. With labels: among all other samples, one of the same label. Without:
 * among the float model's embeddings, the sample's own.
 */
export class RetrievalCollector implements Collector {
  private readonly mine: Float32Array[] = [];
  private readonly floats: Float32Array[] = [];
  private readonly labels: number[] = [];
  private known: number[] | null = null;

  constructor(private readonly labelled: boolean) {}

  add(seen: Seen): void {
    if (this.mine.length >= GALLERY) return;
    this.known = null;
    this.mine.push(unit(seen.values));
    this.floats.push(this.labelled ? this.mine.at(-1)! : unit(seen.float));
    if (this.labelled) this.labels.push(targetsOf(seen)[0]);
  }

  get hits(): readonly number[] {
    this.known ??= this.mine.map((query, i) => {
      let [best, nearest] = [-Infinity, -1];
      this.floats.forEach((candidate, j) => {
        if (this.labelled && i === j) return;
        let dot = 0;
        for (let k = 0; k < query.length; k++) dot += query[k] * candidate[k];
        if (dot > best) [best, nearest] = [dot, j];
      });
      return Number(this.labelled ? this.labels[nearest] === this.labels[i] : nearest === i);
    });
    return this.known;
  }

  value(weights?: ArrayLike<number>): number {
    const { hits } = this;
    let [right, all] = [0, 0];
    hits.forEach((hit, i) => {
      const weight = weights ? weights[i] : 1;
      right += weight * hit;
      all += weight;
    });
    return all === 0 ? NaN : right / all;
  }
}

function unit(values: Float32Array): Float32Array {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? values.map((value) => value / norm) : values.slice();
}

/**
 * Against the float model's values, pairs in which one is not finite left out.
 * @param partsOf where a row is more than one part, these: the figure is that of the worst that has any signal, since one sum
 * over parts of unequal size would hide the small ones
 */
export function signalToNoise(
  partCount = 1,
  partsOf: (row: Float32Array) => readonly Float32Array[] = (row) => [row],
): Collector {
  return new SumCollector(
    2 * partCount,
    (seen, add) => {
      const floats = partsOf(seen.float);
      partsOf(seen.values).forEach((values, part) => {
        const float = floats[part];
        for (let i = 0; i < values.length; i++) {
          const error = values[i] - float[i];
          if (!Number.isFinite(error)) continue;
          add(2 * part, float[i] * float[i]);
          add(2 * part + 1, error * error);
        }
      });
    },
    (sums) => worstOf(Array.from({ length: partCount }, (_, part) => sqnrDb(sums[2 * part], sums[2 * part + 1]))),
  );
}

/** The mean squared error of a sample's reconstruction: what makes it an anomaly. */
export function reconstructionError({ values, input }: Seen): number {
  let sum = 0;
  values.forEach((value, i) => (sum += (value - input![i]) ** 2));
  return sum / values.length;
}
