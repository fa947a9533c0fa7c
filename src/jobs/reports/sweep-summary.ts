/** What the trials of a sweep say together: a row for each configuration, and which of them nothing else beats. */
import { goodness, type MetricName } from '../../core/metrics/table';
import { ParetoFront, type Measured } from '../../core/search/pareto';
import { trialIdentity, type Trial } from '../../core/sweep/trial';
import { trialName } from '../../core/sweep/trial-name';
import type { TrialReport } from './trial-report';

export interface DoneTrial {
  readonly trial: Trial;
  readonly report: TrialReport;
}

/** One configuration of one model, over its seeds. */
export interface SweepRow {
  readonly name: string;
  readonly metric: MetricName;
  /** Mean of the file's score, of the simulation's where there is no file; null where one is not defined. */
  readonly score: number | null;
  /** Standard deviation over the seeds; null of a single one. */
  readonly deviation: number | null;
  readonly float: number | null;
  readonly seeds: number;
  /** Bytes of the file; null where no file holds these formats. */
  readonly fileBytes: number | null;
  /** Bytes of its constants, which all formats have: what the front is about. */
  readonly constantBytes: number;
  /** Answers that are not float's, as a share of the samples; null where there is nothing to count. */
  readonly changed: number | null;
  /** Targets that refuse the file. */
  readonly refusedBy: readonly string[];
  readonly onFront: boolean;
}

export interface ModelSummary {
  readonly model: string;
  readonly rows: readonly SweepRow[];
}

/** Signal to noise of what is exact has no finite figure. */
const EXACT = 1e6;

/** Cost and quality of one configuration, from the reports of its seeds; null where no score is defined. */
export function outcomeOf(reports: readonly TrialReport[]): Measured | null {
  const qualities = reports.flatMap(({ file, simulated }) => {
    const { metric, value } = file ?? simulated;
    return value === null ? [] : [goodness(metric, value)];
  });
  if (qualities.length === 0) return null;
  return {
    cost: mean(reports.map(({ size }) => size.constants)),
    quality: mean(qualities),
    tieBreak: mean(reports.map(({ outputSqnrDb }) => outputSqnrDb ?? EXACT)),
  };
}

/** By model, in the order of the front and then by score. */
export function summaryOf(trials: readonly DoneTrial[]): readonly ModelSummary[] {
  const models = grouped(trials, ({ trial }) => `${trial.model.sha256} ${trial.data.sha256}`);
  return [...models.values()].map((ofModel) => ({ model: ofModel[0].report.model.name, rows: rowsOf(ofModel) }));
}

function rowsOf(trials: readonly DoneTrial[]): SweepRow[] {
  const configurations = [...grouped(trials, ({ trial }) => trialIdentity({ ...trial, seed: 0 })).values()];
  const front = new ParetoFront<Measured & { readonly of: readonly DoneTrial[] }>();
  for (const of of configurations) {
    const outcome = outcomeOf(of.map(({ report }) => report));
    if (outcome) front.add({ ...outcome, of });
  }
  const best = new Set(front.points.map(({ of }) => of));
  const quality = ({ metric, score }: SweepRow) => (score === null ? -Infinity : goodness(metric, score));
  return configurations
    .map((of) => rowOf(of, best.has(of)))
    .sort(
      (a, b) => Number(b.onFront) - Number(a.onFront) || quality(b) - quality(a) || a.constantBytes - b.constantBytes,
    );
}

function rowOf(of: readonly DoneTrial[], onFront: boolean): SweepRow {
  const reports = of.map(({ report }) => report);
  const scores = reports.map(({ file, simulated }) => (file ?? simulated).value);
  const known = scores.filter((score) => score !== null);
  const files = reports.flatMap(({ size }) => (size.file === null ? [] : [size.file]));
  const changed = reports.flatMap((report) => (report.changed ? [report.changed.changed / report.changed.n] : []));
  const [first] = reports as [TrialReport, ...TrialReport[]];
  return {
    name: trialName(of[0].trial),
    metric: first.simulated.metric,
    score: known.length === scores.length ? mean(known) : null,
    deviation: known.length > 1 ? deviation(known) : null,
    float: first.float.value,
    seeds: of.length,
    fileBytes: files.length === of.length ? mean(files) : null,
    constantBytes: mean(reports.map(({ size }) => size.constants)),
    changed: changed.length === of.length ? mean(changed) : null,
    refusedBy: [
      ...new Set(reports.flatMap(({ targets }) => targets.filter(({ runs }) => !runs).map((row) => row.target))),
    ],
    onFront,
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** With n − 1: the seeds are a sample. */
function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
