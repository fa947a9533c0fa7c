/** The written file held against every target's published limits. */
import { fileFacts } from '../../core/targets/file-facts';
import { lint, type LintResult } from '../../core/targets/lint';
import { TARGETS } from '../../core/targets/table';
import type { Exported } from '../../jobs/contract/protocol';

/** A file does not change, and is asked about whenever the studio does. */
const known = new WeakMap<Exported, readonly LintResult[]>();

/** In the order of the table of targets. */
export function targetChecks(exported: Exported): readonly LintResult[] {
  let checks = known.get(exported);
  if (!checks) {
    const facts = fileFacts(exported.bytes, exported.fileName);
    known.set(exported, (checks = TARGETS.map((target) => lint(facts, target))));
  }
  return checks;
}
