import type { Difference } from '../../core/metrics/interval';
import type { ErrorInfo } from '../../base/errors';
import type { QuantizedPart } from '../../core/quantize/plan';
import type { Diagnosis } from '../../jobs/contract/diagnosis-protocol';
import type { LayerSensitivity, SensitivityMode } from '../../jobs/contract/protocol';
import type { Score } from '../../jobs/contract/judgement-protocol';
import type { Stamped } from './results';

export interface SensitivityChoice {
  readonly mode: SensitivityMode;
  readonly part: QuantizedPart;
}

/** A fix that was taken, to be held against what came of it. */
export interface Applied {
  /** Of the finding, and of its fix. */
  readonly title: string;
  readonly label: string;
  /** How the model did before; null where that was not known. */
  readonly before: Score | null;
  /** What had been lost against float until then; null where that was not known. */
  readonly loss: Difference | null;
}

export interface DiagnosisSlice {
  readonly result: Stamped<Diagnosis> | null;
  /** Measured on demand, by {@link sensitivityKey}; the usual one comes by itself and is among the results. */
  readonly sensitivities: Readonly<Record<string, Stamped<readonly LayerSensitivity[]>>>;
  /** Which of them is being measured. */
  readonly measuring: string | null;
  /** The fix that led to the settings of this moment; undone, it is none. */
  readonly applied: Applied | null;
  readonly error: ErrorInfo | null;
}

export const NO_DIAGNOSIS: DiagnosisSlice = {
  result: null,
  sensitivities: {},
  measuring: null,
  applied: null,
  error: null,
};

export function sensitivityKey({ mode, part }: SensitivityChoice): string {
  return `${mode} ${part}`;
}
