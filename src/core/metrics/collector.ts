/** How a figure is kept while samples stream by, so that it can be had again of any draw of them. */

/** A box in shares of the image's width and height, its corner at the top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly category: number;
}

/** What a person marked; a crowd is a region that is neither to be found nor wrong to be found (COCO's `iscrowd`). */
export interface MarkedBox extends Box {
  readonly crowd?: boolean;
}

/** What a sample should give: a class, a class for each position, one value for each of the output's, or boxes. */
export type Truth = ArrayLike<number> | readonly MarkedBox[];

/** One sample as a metric sees it. */
export interface Seen {
  /** Of the part that is judged. */
  readonly values: Float32Array;
  /** The float model's. */
  readonly float: Float32Array;
  readonly truth?: Truth;
  /** What went in, for tasks that hold the output against it. */
  readonly input?: Float32Array;
}

export interface Collector {
  add(seen: Seen): void;
  /** Of all samples, or with each counted as often as `weights` says. NaN where it is not defined. */
  value(weights?: ArrayLike<number>): number;
  /** 1 for samples that are right, 0 for those that are not, where the figure is the share of these. */
  readonly hits?: readonly number[];
}

/** A figure made of sums over samples: each gives a row of addends, and `of` makes the figure of the rows' sum. */
export class SumCollector implements Collector {
  private readonly rows: number[] = [];

  constructor(
    private readonly width: number,
    private readonly addends: (seen: Seen, into: (column: number, value: number) => void) => void,
    private readonly of: (sums: Float64Array) => number,
  ) {}

  add(seen: Seen): void {
    const start = this.rows.length;
    for (let i = 0; i < this.width; i++) this.rows.push(0);
    this.addends(seen, (column, value) => (this.rows[start + column] += value));
  }

  value(weights?: ArrayLike<number>): number {
    const { rows, width } = this;
    const sums = new Float64Array(width);
    for (let i = 0, sample = 0; i < rows.length; i += width, sample++) {
      const weight = weights ? weights[sample] : 1;
      if (weight !== 0) for (let c = 0; c < width; c++) sums[c] += weight * rows[i + c];
    }
    return this.of(sums);
  }
}

/** The share of samples that are right. */
export class ShareCollector implements Collector {
  readonly hits: number[] = [];

  constructor(private readonly isRight: (seen: Seen) => boolean) {}

  add(seen: Seen): void {
    this.hits.push(Number(this.isRight(seen)));
  }

  value(weights?: ArrayLike<number>): number {
    let [right, all] = [0, 0];
    this.hits.forEach((hit, i) => {
      const weight = weights ? weights[i] : 1;
      right += weight * hit;
      all += weight;
    });
    return all === 0 ? NaN : right / all;
  }
}
