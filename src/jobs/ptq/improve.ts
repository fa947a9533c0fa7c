/**
 * The recommended pipeline: equalization, of joined tensors, too → ranges of weights → AdaRound or bias correction → ranges of activations. A step
 * stays only if it helps on samples that nothing was learnt from, and every decision is said in words.
 */
import { levelledOps } from '../../core/algorithms/level-joins';
import { ALGORITHMS } from '../../core/algorithms/table';
import type { Graph } from '../../core/graph/graph';
import { AUTO } from '../../core/quantize/settled-choice';
import type { AlgorithmChoice, EstimatorChoice, QuantSettings } from '../../core/quantize/settings';
import { ESTIMATORS } from '../../core/calibration/estimators/table';
import type { Spec } from '../contract/jobs';
import { HeldOutEvaluator, type HeldOutFigures, type JudgeControls } from '../session/held-out-evaluator';
import type { Improvement, ImproveStep, JobControls, Progress } from '../contract/protocol';
import { throwIfCancelled, breathe } from '../session/progress';
import type { Session } from '../session/session';

/** Less than this is no help, dB: rounding noise moves the output by as much. */
const HELPS_DB = 0.1;
const HELD_SAMPLES = 256;

interface Candidate {
  /** "AdaRound", "Least squared error". */
  readonly label: string;
  readonly settings: QuantSettings;
}

interface Stage {
  readonly id: ImproveStep['step'];
  readonly label: string;
  /** Share of the job's time. */
  readonly weight: number;
  readonly candidates: (from: QuantSettings) => readonly Candidate[];
}

function withAlgorithms(settings: QuantSettings, ...added: readonly AlgorithmChoice[]): QuantSettings {
  const ids = new Set(added.map(({ id }) => id));
  return { ...settings, algorithms: [...(settings.algorithms ?? []).filter(({ id }) => !ids.has(id)), ...added] };
}

const labelOf = (id: string) => ALGORITHMS.find((algorithm) => algorithm.id === id)!.label;
const choose = (id: string, params: AlgorithmChoice['params'] = {}): AlgorithmChoice => ({ id, params });

function algorithmsAlone(...ids: readonly string[]): Stage['candidates'] {
  return (from) => ids.map((id) => ({ label: labelOf(id), settings: withAlgorithms(from, choose(id)) }));
}

/** They come in no batches and are no logits: two estimators are min–max and least squared error again. */
const NOT_FOR_WEIGHTS: readonly string[] = ['moving-average', 'cross-entropy'];

/** Every estimator of the table but the one in use. */
function otherEstimators(kind: 'weights' | 'activations'): Stage['candidates'] {
  const candidates = ESTIMATORS.filter(({ id }) => kind === 'activations' || !NOT_FOR_WEIGHTS.includes(id));
  return (from) =>
    candidates
      .filter(({ id }) => id !== from[kind].estimator.id && id !== AUTO)
      .map(({ id, label }) => {
        const estimator: EstimatorChoice = { id, params: {} };
        return { label, settings: { ...from, [kind]: { ...from[kind], estimator } } };
      });
}

function stagesOf(graph: Graph, iterations: number): readonly Stage[] {
  const levelling: Stage = { id: 'levelling', label: 'Joins', weight: 2, candidates: algorithmsAlone('level-joins') };
  return [
    { id: 'equalization', label: 'Equalization', weight: 2, candidates: algorithmsAlone('cle') },
    // Most models join nothing.
    ...(levelledOps(graph).length > 0 ? [levelling] : []),
    { id: 'absorption', label: 'High biases', weight: 2, candidates: algorithmsAlone('high-bias') },
    { id: 'smoothing', label: 'Dense layers', weight: 2, candidates: algorithmsAlone('smoothquant') },
    { id: 'weight-ranges', label: 'Ranges of weights', weight: 4, candidates: otherEstimators('weights') },
    {
      id: 'rounding',
      label: 'Rounding and biases',
      weight: 24,
      candidates: (from) => [
        { label: 'Bias correction', settings: withAlgorithms(from, choose('bias-correction')) },
        { label: 'AdaRound', settings: withAlgorithms(from, choose('adaround', { iterations })) },
      ],
    },
    { id: 'activation-ranges', label: 'Ranges of activations', weight: 4, candidates: otherEstimators('activations') },
  ];
}

const db = (value: number) => `${value.toFixed(1)} dB`;

/** Why the best candidate was taken or left. */
function reason(best: Candidate, before: number, after: number, samples: number, others: number): string {
  const among = others > 0 ? `, the best of ${others + 1}` : '';
  const on = `on ${samples} samples that nothing was learnt from`;
  const change = after - before;
  if (change >= HELPS_DB) return `${best.label}${among} brings the output ${db(change)} nearer to float ${on}.`;
  if (change <= -HELPS_DB) return `${best.label}${among} takes the output ${db(-change)} away from float ${on}.`;
  return `${best.label}${among} changes the output’s distance to float by less than ${HELPS_DB} dB ${on}.`;
}

/**
 * Starts from the settings without their algorithms and returns settings that are never worse, on the held samples, than
 * those given. Cancelled, it keeps the steps that were taken: the last partial is a whole result.
 */
export async function improve(
  session: Session,
  spec: Spec<'improve'>,
  controls: JobControls<Improvement>,
): Promise<Improvement> {
  const evaluator = new HeldOutEvaluator(session, HELD_SAMPLES);
  const stages = stagesOf(session.quantizableModel.graph, spec.iterations ?? 1000);
  const total = 2 + stages.reduce((sum, { weight }) => sum + weight, 0);
  let [done, weight, shown] = [0, 1, 0];
  let stage = 'Judging the settings as they are';
  const report = (fraction: number, progress: Partial<Progress> = {}) => {
    shown = Math.max(shown, (done + weight * fraction) / total);
    controls.onProgress({ stage: progress.stage ? `${stage}: ${progress.stage}` : stage, fraction: shown });
  };
  const step = async () => {
    await breathe();
    throwIfCancelled(controls.signal);
    await controls.turn?.();
  };
  const judging: JudgeControls = { signal: controls.signal, onProgress: (progress) => report(0, progress), step };
  const judged = async (settings: QuantSettings, from = 0, share = 1): Promise<HeldOutFigures> => {
    const onProgress = (progress: Progress) => report(from + share * progress.fraction, progress);
    const variant = await session.variants.of(settings, { signal: controls.signal, onProgress }, true);
    return evaluator.of(variant, settings, judging);
  };

  const given = await judged(spec.settings);
  const { algorithms: _, ...plain } = spec.settings;
  let best: QuantSettings = plain;
  let current = spec.settings.algorithms?.length ? await judged(plain) : given;
  const steps: ImproveStep[] = [];
  const float = await evaluator.float(judging);
  const result = (): Improvement => {
    const worse = current.sqnrDb < given.sqnrDb;
    return {
      settings: worse ? spec.settings : best,
      steps: [...steps],
      samples: evaluator.size,
      before: { sqnrDb: given.sqnrDb, score: given.score },
      after: worse ? given : { sqnrDb: current.sqnrDb, score: current.score },
      float,
    };
  };

  for (const { id, label, weight: share, candidates } of stages) {
    done += weight;
    [weight, stage] = [share, label];
    report(0);
    const all = candidates(best);
    const tried: { candidate: Candidate; judgement: HeldOutFigures; notes: string[] }[] = [];
    for (const [i, candidate] of all.entries()) {
      const judgement = await judged(candidate.settings, i / all.length, 1 / all.length);
      tried.push({ candidate, judgement, notes: [] });
    }
    const winner = tried.reduce((a, b) => (b.judgement.sqnrDb > a.judgement.sqnrDb ? b : a));
    const kept = winner.judgement.sqnrDb - current.sqnrDb >= HELPS_DB;
    steps.push({
      step: id,
      label,
      choice: winner.candidate.label,
      kept,
      before: current.sqnrDb,
      after: winner.judgement.sqnrDb,
      why: reason(winner.candidate, current.sqnrDb, winner.judgement.sqnrDb, evaluator.size, tried.length - 1),
      tried: tried.map(({ candidate, judgement }) => ({ label: candidate.label, sqnrDb: judgement.sqnrDb })),
    });
    if (kept) {
      best = winner.candidate.settings;
      current = winner.judgement;
    }
    controls.onPartial?.(result());
  }
  return result();
}
