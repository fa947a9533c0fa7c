import { basename } from 'node:path';
import manifest from '../../../package.json';
import { fileFacts } from '../../core/targets/file-facts';
import { lint, type LintResult } from '../../core/targets/lint';
import { sarif } from '../../core/targets/sarif';
import type { Finding } from '../../core/targets/target';
import { TARGETS } from '../../core/targets/table';
import { sourceFiles } from '../files';
import type { LintArgs } from '../options/lint-options';

/**
 * Prints what keeps the file from running on each target.
 * @returns the exit code: 1 where a finding is an error, else 0
 */
export function lintFile({ file, targets, format, budget }: LintArgs): number {
  const [source] = sourceFiles(file);
  const facts = fileFacts(source.bytes, basename(file));
  const chosen = TARGETS.filter(({ id }) => targets.includes(id));
  const results = chosen.map((target) => lint(facts, target, budget));
  process.stdout.write(`${printed(results, format)}\n`);
  return results.some(refuses) ? 1 : 0;
}

const refuses = ({ findings }: LintResult) => findings.some(({ severity }) => severity === 'error');

function printed(results: readonly LintResult[], format: LintArgs['format']): string {
  if (format === 'json') return JSON.stringify(results, null, 2);
  if (format === 'sarif') return JSON.stringify(sarif(results, manifest.version), null, 2);
  return results.map(lintText).join('\n');
}

/** Findings of a file that was just written; forms that are no .tflite have no targets here. */
export function lintBytes(bytes: Uint8Array, name: string, targets: readonly string[]): readonly LintResult[] {
  if (targets.length === 0 || !name.endsWith('.tflite')) return [];
  const facts = fileFacts(bytes, name);
  return TARGETS.filter(({ id }) => targets.includes(id)).map((target) => lint(facts, target));
}

/** One line a rule: what it says of the first operator, and of how many more. */
export function lintText(result: LintResult): string {
  const { target, operators, supported, findings } = result;
  const verdict = refuses(result) ? 'does not run' : findings.length === 0 ? 'nothing found' : 'runs';
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  const lines = rules.map((id) => {
    const found = findings.filter(({ rule }) => rule === id);
    const [{ severity, operator, message, source, fix }] = found as [Finding, ...Finding[]];
    const where = operator ? `${operator.name} #${operator.index}: ` : '';
    const more = found.length > 1 ? ` And ${found.length - 1} more.` : '';
    return `  ${severity}: ${where}${message}${more} [${id}; ${source}]${fix ? `\n    try: ${fix.options.join(' ')}` : ''}`;
  });
  return [`${target}: ${verdict} (${supported} of ${operators} operators without a limit)`, ...lines].join('\n');
}
