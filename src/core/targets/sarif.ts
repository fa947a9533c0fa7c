import type { LintResult } from './lint';
import type { Severity } from './target';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' };

/** Findings in SARIF 2.1.0 (OASIS), which code hosts show beside a change. */
export function sarif(results: readonly LintResult[], version: string): object {
  const rules = new Map(results.flatMap(({ findings }) => findings).map(({ rule, source }) => [rule, source]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'rangefinder',
            version,
            rules: [...rules].map(([id, source]) => ({ id, help: { text: source } })),
          },
        },
        results: results.flatMap(({ file, target, findings }) =>
          findings.map(({ rule, severity, operator, message }) => ({
            ruleId: rule,
            level: LEVELS[severity],
            message: { text: `${target}: ${operator ? `${operator.name} #${operator.index}: ` : ''}${message}` },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: file } },
                ...(operator && { logicalLocations: [{ name: operator.output, kind: 'operator' }] }),
              },
            ],
          })),
        ),
      },
    ],
  };
}
