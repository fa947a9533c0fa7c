import { planQuantization } from '../../core/quantize/resolve';
import type { QuantPlan } from '../../core/quantize/plan';
import { weightStats } from '../../core/calibration/weight-stats';
import { RangefinderError } from '../../base/errors';
import { definitionOf } from '../../core/graph/ops/table';
import { tensorOf } from '../../core/graph/graph';
import type { Calibration } from '../../core/quantize/plan';
import { changesModel, type QuantSettings } from '../../core/quantize/settings';
import type { Spec } from '../contract/jobs';
import type { AlgorithmReport, JobControls, VariantView, WeightDetail } from '../contract/protocol';
import type { Session } from './session';
import { withoutPartials } from './run-on-variant';

/** Scale and zero point of every tensor under these settings. */
export async function plan(session: Session, { settings }: Spec<'plan'>, controls: JobControls): Promise<QuantPlan> {
  const { graph, calibration } = await session.variants.of(settings, withoutPartials(controls));
  return planQuantization(graph, calibration, settings);
}

/** Works out what the algorithms of these settings make of the model. */
export async function applyAlgorithms(
  session: Session,
  { settings }: Spec<'applyAlgorithms'>,
  controls: JobControls<AlgorithmReport>,
): Promise<VariantView> {
  const { calibration, reports } = await session.variants.of(settings, controls);
  return { calibration, reports };
}

/** Takes back a calibration that the page kept while the worker was restarted. */
export function restoreCalibration(session: Session, { calibration }: { calibration: Calibration }): null {
  session.calibration = calibration;
  return null;
}

/** One layer's weights before they are rounded, with a histogram for each channel. */
export async function inspectWeights(
  session: Session,
  { op: id, settings }: Spec<'inspectWeights'>,
  controls: JobControls,
): Promise<WeightDetail> {
  const { graph } =
    settings && changesModel(settings) ? await beforeRounding(session, settings, controls) : session.model;
  const op = graph.ops.find((candidate) => candidate.id === id);
  const rule = op && definitionOf(op).quant;
  const tensor = op && rule?.kind === 'weighted' ? op.inputs[rule.weightInput] : null;
  const constant = tensor ? tensorOf(graph, tensor) : null;
  if (!constant?.data || rule?.kind !== 'weighted')
    throw new RangefinderError({ code: 'invalid-settings', message: `"${id}" has no weights.`, where: id });
  const values = constant.data instanceof Float32Array ? constant.data : Float32Array.from(constant.data as Int8Array);
  return { op: id, tensor: constant.id, stats: weightStats(values, constant.shape, rule.axis) };
}

/** Trained weights as training left them; an algorithm leaves rounded ones only. */
async function beforeRounding(session: Session, settings: QuantSettings, controls: JobControls) {
  const { graph, unrounded } = await session.variants.of(settings, withoutPartials(controls));
  return { graph: unrounded ?? graph };
}
