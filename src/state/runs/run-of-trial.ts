import { goodness } from '../../core/metrics/table';
import type { Run } from '../../core/project/manifest';
import { settingsSchema } from '../../core/quantize/settings-schema';
import { runId } from '../../jobs/reports/run-identity';
import type { TrialReport } from '../../jobs/reports/trial-report';

/** A trial of a sweep as a run of the page, and how good it is among trials of its kind. */
export function runOfTrial(report: TrialReport): { readonly run: Run; readonly goodness: number } {
  const { fingerprint, samples, size, float, simulated, file, reference, outputSqnrDb, layers, ranges } = report;
  const settings = settingsSchema.parse(report.settings);
  const { metric, value } = file ?? simulated;
  const run: Run = {
    id: runId(fingerprint, settings, samples),
    name: report.name,
    starred: false,
    at: 0,
    settings,
    data: samples,
    bytes: size.file,
    float,
    simulated,
    file,
    exact: reference && reference.mismatches === 0,
    latencyMs: null,
    outputSqnrDb,
    layers,
    ranges,
  };
  return { run, goodness: value === null ? -Infinity : goodness(metric, value) };
}
