import { calibrate } from './calibrate';
import { cost } from './cost';
import { diagnose } from './diagnose';
import { evaluate } from './evaluate';
import { exportFile } from './export-file';
import { improve } from './improve';
import { changeData, openData, randomData } from './open-data';
import { openModel } from './open-model';
import { applyAlgorithms, inspectWeights, plan, restoreCalibration } from './plan';
import { probe } from './probe';
import { qat, restoreTraining } from './qat';
import type { JobControls, JobName, PartialResult, Result, Spec } from './protocol';
import { searchPrecision } from './search-precision';
import { sensitivity } from './sensitivity';
import type { Session } from './session';
import { verify } from './verify';

export type Job<N extends JobName> = (
  session: Session,
  spec: Spec<N>,
  controls: JobControls<PartialResult<N>>,
) => Result<N> | Promise<Result<N>>;

/** Every job a worker does; the compiler refuses one that is missing. */
export const JOBS: { readonly [N in JobName]: Job<N> } = {
  openModel,
  openData,
  changeData,
  randomData,
  calibrate,
  restoreCalibration,
  inspectWeights,
  applyAlgorithms,
  improve,
  qat,
  restoreTraining,
  searchPrecision,
  cost,
  plan,
  evaluate,
  sensitivity,
  diagnose,
  probe,
  exportFile,
  verify,
};

/** The row of one name. TypeScript cannot see through the indexed access that it has this type. */
export function jobOf<N extends JobName>(name: N): Job<N> {
  return JOBS[name] as unknown as Job<N>;
}
