import { RangefinderError } from '../../base/errors';
import { trialSchema, type Trial } from '../../core/sweep/trial';
import { trialReportSchema, type TrialReport } from '../../jobs/reports/trial-report';

/** @throws RangefinderError 'invalid-settings' for what is no trial */
export function readTrial(value: unknown, where: string): Trial {
  const read = trialSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: `This is no trial: ${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'is wrong'}.`,
    where,
    hint: 'Trials are written by `rangefinder sweep`; plan the sweep once more.',
  });
}

/**
 * A report as it came from another process or machine.
 * @throws RangefinderError 'invalid-data' for what is no report, or that of another trial
 */
export function readTrialReport(value: unknown, key: string): TrialReport {
  const read = trialReportSchema.safeParse(value);
  if (read.success && read.data.key === key) return read.data;
  const [issue] = read.error?.issues ?? [];
  const why = issue ? `${issue.path.join('.') || 'it'}: ${issue.message}` : 'it is that of another trial';
  throw new RangefinderError({
    code: 'invalid-data',
    message: `What came back is no report of this trial: ${why}.`,
    where: key,
    hint: 'Look at the worker that sent it: its version, and who else can write to the queue.',
  });
}
