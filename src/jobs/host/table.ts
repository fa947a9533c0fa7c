import { samplePictures } from '../open/sample-pictures';
import { calibrate } from '../ptq/calibrate';
import { cost } from '../ptq/cost';
import { diagnose } from '../diagnose/diagnose';
import { evaluate } from '../ptq/evaluate';
import { compareRuntimes } from '../export/compare-runtimes';
import { exportFile } from '../export/export-file';
import { exportForm } from '../export/export-form';
import { formOffers } from '../export/form-offers';
import { improve } from '../ptq/improve';
import { changeData, openData, randomData } from '../open/open-data';
import { openModel } from '../open/open-model';
import { applyAlgorithms, inspectWeights, plan, restoreCalibration } from '../session/plan';
import { probe } from '../ptq/probe';
import { qat, restoreTraining } from '../qat/qat';
import type { JobName, PartialResult, Result, Spec } from '../contract/jobs';
import type { JobControls } from '../contract/protocol';
import { searchPrecision } from '../search/search-precision';
import { sensitivity } from '../diagnose/sensitivity';
import type { Session } from '../session/session';
import { verify } from '../export/verify';

export type Job<N extends JobName> = (
  session: Session,
  spec: Spec<N>,
  controls: JobControls<PartialResult<N>>,
) => Result<N> | Promise<Result<N>>;

/** The function of each row of contract/jobs.ts; the compiler refuses a row that has none, or one of another type. */
const FUNCTIONS: { readonly [N in JobName]: Job<N> } = {
  openModel,
  openData,
  changeData,
  randomData,
  samplePictures,
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
  exportForm,
  compareRuntimes,
  formOffers,
  verify,
};

/** The function of one name. TypeScript cannot see through the indexed access that it has this type. */
export function jobOf<N extends JobName>(name: N): Job<N> {
  return FUNCTIONS[name];
}
