import type { Graph } from '../../core/graph/graph';
import { planQuantization } from '../../core/quantize/resolve';
import { batchNormalized } from '../../core/training/batch-norm';
import { checkQatSettings } from '../../core/training/settings';
import { startPlan } from '../../core/training/start-plan';
import { trainingSplit } from '../../core/training/training-split';
import type { BackendScope } from '../../engine/tfjs/backend-scope';
import { Trainer } from '../../engine/tfjs/training/trainer';
import { breathe, throwIfCancelled } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls } from '../contract/protocol';
import { TrainingRun } from './training-run';
import { choosePlace } from './training-backend';
import { objectiveOf, teacherOf, type Objective } from './objective';
import type { QatProgress, QatResult, QatSpec } from '../contract/qat-protocol';
import type { Session } from '../session/session';
import { inFloat } from '../session/simulated';
import { runOnVariant } from '../session/run-on-variant';

/**
 * Trains the quantized model of the current settings, calibration samples included, evaluation samples never. After each
 * epoch it is validated on samples that it does not train on; the best epoch is kept, the untrained model being the first.
 * @throws RangefinderError 'diverged' for a model that has NaN before it is trained, 'invalid-data', 'invalid-settings',
 *   'unsupported-op', 'cancelled'; the last partial has the best epoch so far
 */
export function qat(session: Session, spec: Spec<'qat'>, controls: JobControls<QatProgress>): Promise<QatResult> {
  checkQatSettings(spec.training);
  const { trained: _, ...settings } = spec.settings;
  const { training, from } = spec;
  return runOnVariant(session, settings, controls, ({ reference, graph, calibration }, own) =>
    inFloat(session, reference, async (float) => {
      const plan = planQuantization(graph, calibration, settings);
      const objective = objectiveOf(graph, session.data, training);
      const split = trainingSplit(session.data.source, session.data.split, training);
      const teacher = teacherOf(graph, objective, float);
      const { normalized, notes } = prepare(session, spec, graph, objective);
      const parts = { graph, plan, objective, split, teacher };
      const run = new TrainingRun(session, { ...spec, settings }, own, parts, notes);
      const start = from ? plan : startPlan(graph, calibration, settings, training.startRanges);
      const trainerAt = (scope: BackendScope) =>
        Trainer.create(graph, start, objective.tensor, training, { normalized, scope });
      const pause = async () => {
        own.onProgress({ stage: 'Looking for the fastest backend', fraction: 0 });
        await breathe();
        throwIfCancelled(own.signal);
      };
      const trial = { trainerAt, labeledBatch: () => run.firstBatch(), objective, pause };
      const { scope, note } = await choosePlace(session, training.backend, trial);
      if (note) notes.push(note);

      const untrained = Trainer.create(graph, plan, objective.tensor, training, { scope });
      try {
        if (from) untrained.restore(from);
        return await run.run(untrained, (checkpoint) => {
          const trainer = trainerAt(scope);
          const kept = checkpoint ?? from;
          if (kept) trainer.restore(kept);
          return trainer;
        });
      } finally {
        untrained.dispose();
      }
    }),
  );
}

/** Takes back trained weights that the page kept while the worker was restarted. */
export function restoreTraining(session: Session, { id, checkpoint }: Spec<'restoreTraining'>): null {
  session.trainings.set(id, checkpoint);
  return null;
}

/** Ops whose batch norm is put back, and what is worth saying before training starts. */
function prepare({ model }: Session, { training }: QatSpec, graph: Graph, objective: Objective) {
  const notes: string[] = [];
  const found = batchNormalized(model.source, graph);
  const normalized = training.batchNorm === 'frozen' ? new Set<string>() : found;
  if (found.size > 0 && normalized.size === 0)
    notes.push('Batch norm is folded into the weights before training: its statistics are frozen from the start.');
  if (found.size === 0 && training.batchNorm !== 'frozen')
    notes.push(
      'The model has no batch norm, or its file had it folded already: the choice of statistics has no effect.',
    );
  if (graph.outputs.length > 1) notes.push(`Trained on "${objective.tensor}" alone; other outputs follow as they do.`);
  return { normalized, notes };
}
