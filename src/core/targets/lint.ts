/** Holds a file against a target before somebody carries it there. */
import type { FileFacts, OperatorFacts } from './file-facts';
import type { Budget, Constraint, Finding, Severity, Target } from './target';

export interface LintResult {
  readonly target: string;
  readonly file: string;
  readonly findings: readonly Finding[];
  readonly operators: number;
  /** Operators without a finding that keeps them from the target's own unit. */
  readonly supported: number;
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Findings are in the order of their weight, then of the file. */
export function lint(file: FileFacts, target: Target, budget: Budget = {}): LintResult {
  const ofFile = target.fileConstraints.flatMap((constraint): Finding[] => {
    const message = constraint.check(file, budget);
    return message === null ? [] : [{ ...about(constraint), message }];
  });
  const ofOperators = file.operators.map((op) => findingsOf(op, file, target));
  const findings = [...ofFile, ...ofOperators.flat()].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  return {
    target: target.id,
    file: file.name,
    findings,
    operators: file.operators.length,
    supported: ofOperators.filter((found) => found.every(({ severity }) => severity === 'note')).length,
  };
}

function findingsOf(op: OperatorFacts, file: FileFacts, target: Target): Finding[] {
  const operator = { index: op.index, name: op.name, output: op.outputs[0]?.name ?? '' };
  return target.constraints
    .filter(({ operators }) => !operators || operators.has(op.name))
    .flatMap((constraint) => {
      const message = constraint.check(op, file);
      return message === null ? [] : [{ ...about(constraint), operator, message }];
    });
}

function about({ rule, severity, source, fix }: Pick<Constraint, 'rule' | 'severity' | 'source' | 'fix'>) {
  return { rule, severity, source, ...(fix && { fix }) };
}
