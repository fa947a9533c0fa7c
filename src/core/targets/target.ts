/** What a target is: where a file runs, what that place cannot do, and what to do about it. */
import type { FileFacts, OperatorFacts } from './file-facts';

/**
 * error: the file does not run there, or answers wrongly. warning: it runs, but slowly, in part on another unit, or only with
 * newer versions. note: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'note';

/** Whose rounding a target's integer kernels have: "exact" is said of one of these. */
export type RuntimeProfile = 'litert-xnnpack' | 'litert-builtin' | 'tflm' | 'onnxruntime-cpu' | 'vendor';

/** A change of the export's settings that makes a finding go away, as words of the command line. */
export interface Fix {
  /** For a button: "One scale per tensor". */
  readonly label: string;
  readonly options: readonly string[];
}

export interface Finding {
  /** The constraint that was not met: stable, for filters. */
  readonly rule: string;
  readonly severity: Severity;
  /** Position of the operator in the file and its name; absent where the whole file is meant. */
  readonly operator?: { readonly index: number; readonly name: string; readonly output: string };
  readonly message: string;
  /** Where the limit is published. */
  readonly source: string;
  readonly fix?: Fix;
}

export interface Constraint {
  readonly rule: string;
  readonly severity: Severity;
  readonly source: string;
  readonly fix?: Fix;
  /** Operators that it is about; absent: all. */
  readonly operators?: ReadonlySet<string>;
  /** Says what is wrong, with the numbers; null where nothing is. */
  check(op: OperatorFacts, file: FileFacts): string | null;
}

export interface FileConstraint {
  readonly rule: string;
  readonly severity: Severity;
  readonly source: string;
  readonly fix?: Fix;
  check(file: FileFacts, budget: Budget): string | null;
}

/** What the device has; absent: not checked. Bytes. */
export interface Budget {
  readonly flashBytes?: number;
  readonly arenaBytes?: number;
}

export interface Target {
  /** "ethos-u55": what the command line calls it. */
  readonly id: string;
  readonly title: string;
  readonly runtime: RuntimeProfile;
  /** Rows of the table of forms that can run there at all. */
  readonly forms: readonly string[];
  /** What happens to an operator that breaks a constraint: it ends the file, or the operator goes to the CPU beside it. */
  readonly otherwise: 'refused' | 'runs on the CPU';
  readonly constraints: readonly Constraint[];
  readonly fileConstraints: readonly FileConstraint[];
  readonly source: string;
}
