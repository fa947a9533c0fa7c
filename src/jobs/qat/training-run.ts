import { Random } from '../../base/random';
import { RangefinderError } from '../../base/errors';
import type { Graph } from '../../core/graph/graph';
import type { QuantPlan } from '../../core/quantize/plan';
import { isFiniteCheckpoint, withTrainedRanges, type QatCheckpoint } from '../../core/training/checkpoint';
import { paceOf } from '../../core/training/rounding-noise';
import { SCHEDULES, warmUp } from '../../core/training/schedules';
import { doubtOf, holdsUp, isBetter } from '../../core/training/selection';
import type { TrainingSplit } from '../../core/training/training-split';
import type { Rates, Trainer } from '../../engine/tfjs/training/trainer';
import type { Batch } from '../../engine/types';
import { Stages } from '../session/progress';
import type { JobControls } from '../contract/protocol';
import { Batches, type LabeledBatch } from './batches';
import { Divergence, LossWatch } from './loss-watch';
import type { Objective, Teacher } from './objective';
import { bearableRate, TRIAL_STEPS } from './rate-trial';
import { trainingId } from './training-id';
import type { EpochFigures, QatProgress, QatResult, QatSpec } from '../contract/qat-protocol';
import { batchSizeFor, chunks } from '../session/samples';
import type { Session } from '../session/session';

/** How often a partial result is worth showing, ms. */
const PARTIAL_EVERY = 400;
/** Batches that running statistics are taken from. */
const STATISTICS_BATCHES = 10;
/** What rates are multiplied by where training diverged. */
const BACK_OFF = 1 / 4;
/** Times that training backs off before the best epoch so far is the result. */
const MOST_BACK_OFFS = 4;

export interface CourseParts {
  readonly graph: Graph;
  readonly plan: QuantPlan;
  readonly objective: Objective;
  readonly split: TrainingSplit;
  readonly teacher: Teacher | null;
}

interface EpochStats {
  loss: number;
  right: number;
  samples: number;
}

/** Makes a trainer that starts where training does, or from a checkpoint. */
export type TrainerFrom = (checkpoint: QatCheckpoint | null) => Trainer;

/**
 * One run of training. The untrained model is the first candidate, and nothing that answers fewer validation samples right
 * is kept. Where training diverges it goes on from the best epoch at smaller rates.
 */
export class TrainingRun {
  private readonly history: EpochFigures[] = [];
  private readonly watch = new LossWatch();
  private readonly stepTimes: number[] = [];
  private readonly random: Random;
  private readonly batches: Batches;
  private readonly batchSize: number;
  /** What rates are multiplied by. */
  private pace: number;
  private backOffs = 0;
  private best: QatResult | null = null;
  /** What this run put into the session; what was there before may be in use. */
  private own: string | null = null;
  private backend = '';
  /** Names what this run starts from; with the epoch, the weights it leaves. */
  private id = '';
  private step = 0;
  private lastPartial = -Infinity;

  constructor(
    private readonly session: Session,
    private readonly spec: QatSpec,
    private readonly controls: JobControls<QatProgress>,
    private readonly parts: CourseParts,
    private readonly notes: string[],
  ) {
    const { batchSize, seed, ratesByFormat } = spec.training;
    const { graph, split, plan, teacher } = parts;
    this.random = new Random(seed, 12);
    this.batches = new Batches(session.data.reader, graph, teacher, spec.training, this.random);
    this.batchSize = Math.min(batchSizeFor(graph, batchSize), split.train.length);
    if (this.batchSize < batchSize)
      notes.push(`Batches of ${this.batchSize}: larger ones do not fit the memory or the data.`);
    this.pace = ratesByFormat ? paceOf(plan, graph.inputs) : 1;
  }

  /** @param untrained the quantized model as its settings have it: the first that may be the best */
  async run(untrained: Trainer, trainerFrom: TrainerFrom): Promise<QatResult> {
    const { epochs } = this.spec.training;
    const { split } = this.parts;
    const stages = new Stages(this.controls, epochs + 0.3);
    this.backend = untrained.backend;
    this.id = await trainingId(this.session, { spec: this.spec, split, backend: this.backend });
    let trainer = untrained;
    try {
      await stages.enter('Validating the quantized model', 0.2, split.validation.length);
      await this.closeUntrained(untrained, stages);
      this.watch.untrained = this.history[0].validationLoss;
      await this.tryRates(trainerFrom, stages);
      trainer = await this.started(trainerFrom, null, stages);
      let since = 0;
      for (let epoch = 1; epoch <= epochs && !this.isOutOfPatience(since, epoch); epoch++) {
        let isBest = await this.attempt(trainer, epoch, stages, 1);
        while (isBest === null && this.backOff(epoch)) {
          const kept = this.best!.checkpoint;
          trainer.dispose();
          trainer = await this.started(trainerFrom, kept.epoch > 0 ? kept : null, stages);
          isBest = await this.attempt(trainer, epoch, stages, 0);
        }
        if (isBest === null) break;
        since = isBest ? 0 : since + 1;
      }
    } catch (thrown) {
      this.report(trainer, this.history.length, this.result());
      throw thrown;
    } finally {
      if (trainer !== untrained) trainer.dispose();
    }
    this.conclude();
    return this.result()!;
  }

  /** A batch to try things out on. */
  async firstBatch(): Promise<LabeledBatch & { readonly samples: Uint32Array }> {
    const samples = this.parts.split.train.subarray(0, this.batchSize);
    return { ...(await this.batches.plain(samples)), samples };
  }

  private get stepsPerEpoch(): number {
    return Math.ceil(this.parts.split.train.length / this.batchSize);
  }

  private get steps(): number {
    return this.stepsPerEpoch * this.spec.training.epochs;
  }

  /** A trainer with its statistics of batch norm, at the epoch that comes next. */
  private async started(from: TrainerFrom, checkpoint: QatCheckpoint | null, stages: Stages): Promise<Trainer> {
    const trainer = from(checkpoint);
    try {
      if (this.spec.training.batchNorm !== 'frozen') await trainer.estimateStatistics(this.statisticsBatches(stages));
    } catch (thrown) {
      trainer.dispose();
      throw thrown;
    }
    return trainer;
  }

  /** Finds rates that the model bears; those that a person chose are not doubted. */
  private async tryRates(trainerFrom: TrainerFrom, stages: Stages): Promise<void> {
    const { ratesByFormat, learningRate, rangeLearningRate } = this.spec.training;
    await stages.enter('Trying learning rates', 0.1, TRIAL_STEPS + 1);
    if (!ratesByFormat) return;
    const { batch, taught, samples } = await this.firstBatch();
    const trainer = await this.started(trainerFrom, null, stages);
    try {
      const rates = { weights: learningRate * this.pace, ranges: rangeLearningRate * this.pace };
      const lossOf = (outputs: Float32Array) => this.parts.objective.loss(outputs, samples, taught);
      const factor = await bearableRate(trainer, batch, lossOf, rates, () => stages.step());
      this.pace *= factor;
      if (factor < 1)
        this.notes.push('Learning rates are smaller than usual: at larger ones the loss of a trial ran away.');
    } finally {
      trainer.dispose();
    }
  }

  private isOutOfPatience(since: number, epoch: number): boolean {
    const { patience } = this.spec.training;
    if (patience === 0 || since < patience) return false;
    this.notes.push(`Stopped after epoch ${epoch - 1}: ${patience} epochs brought nothing better.`);
    return true;
  }

  /** Trains one epoch, of a weight in the whole job's progress. @returns whether it is the best so far; null where it diverged */
  private async attempt(trainer: Trainer, epoch: number, stages: Stages, weight: number): Promise<boolean | null> {
    const { epochs, freezeAfter, batchNorm, freezeBatchNormAfter } = this.spec.training;
    const { split } = this.parts;
    const again = this.backOffs > 0 ? `, at ${BACK_OFF ** this.backOffs} of the rate` : '';
    const units = split.train.length + split.validation.length / 3;
    await stages.enter(`Training, epoch ${epoch} of ${epochs}${again}`, weight, units);
    const started = stages.now();
    if (epoch > freezeAfter) trainer.freezeRanges();
    if (batchNorm === 'batch' && epoch > freezeBatchNormAfter) trainer.foldBatchNorm();
    try {
      const stats = await this.epoch(trainer, epoch, stages);
      if (batchNorm === 'reestimated') await trainer.estimateStatistics(this.statisticsBatches(stages));
      return await this.close(trainer, epoch, stats, started, stages);
    } catch (thrown) {
      if (thrown instanceof Divergence) return null;
      throw thrown;
    }
  }

  /** @returns false where it has been done often enough */
  private backOff(epoch: number): boolean {
    if (this.backOffs === MOST_BACK_OFFS) {
      this.notes.push(
        `Training kept diverging in epoch ${epoch}, at ever smaller rates: the best epoch before is kept.`,
      );
      return false;
    }
    this.backOffs++;
    this.pace *= BACK_OFF;
    this.watch.restart();
    this.step = (epoch - 1) * this.stepsPerEpoch;
    return true;
  }

  /** What is to be said of how it went and of what came of it. */
  private conclude(): void {
    const { notes, history, watch, backOffs } = this;
    if (backOffs > 0) {
      const times = backOffs === 1 ? 'once' : `${backOffs} times`;
      notes.push(`Training diverged ${times}; it went on from the best epoch, each time at a quarter of the rate.`);
    }
    if (watch.skipped > 0) notes.push(`${watch.skipped} steps were left out: their loss or gradient was no number.`);
    const best = history.find(({ epoch }) => epoch === this.best!.checkpoint.epoch)!;
    const doubt = doubtOf(best, history[0], this.parts.split.validation.length);
    if (doubt) notes.push(doubt);
  }

  private async epoch(trainer: Trainer, epoch: number, stages: Stages): Promise<EpochStats> {
    const { split, objective } = this.parts;
    const stats = { loss: 0, right: 0, samples: 0 };
    const order = this.random.shuffle(split.train.slice());
    for (const samples of chunks(order, this.batchSize)) {
      const { batch, taught } = await this.batches.changed(samples);
      const started = performance.now();
      let right = 0;
      const loss = await trainer.step(
        batch,
        (outputs) => {
          right = objective.right(outputs, samples, taught);
          if (this.watch.wantsBaseline) {
            const zeros = outputs.map(() => 0);
            this.watch.addBaseline(objective.loss(zeros, samples, taught).loss);
          }
          return objective.loss(outputs, samples, taught);
        },
        this.rates(),
      );
      this.stepTimes.push(performance.now() - started);
      this.step++;
      if (this.watch.add(loss)) {
        stats.loss += loss * samples.length;
        stats.right += right;
        stats.samples += samples.length;
      }
      if (performance.now() - this.lastPartial > PARTIAL_EVERY) this.report(trainer, epoch);
      await stages.step(samples.length);
    }
    if (stats.samples === 0) throw new Divergence();
    return stats;
  }

  private rates(): Rates {
    const { learningRate, rangeLearningRate, schedule, warmUp: share } = this.spec.training;
    const { step, steps } = this;
    const factor = this.pace * SCHEDULES[schedule](step / steps) * warmUp(step, steps, share);
    return { weights: learningRate * factor, ranges: rangeLearningRate * factor };
  }

  /** @throws RangefinderError 'diverged' where the model is no number before it is trained */
  private async closeUntrained(untrained: Trainer, stages: Stages): Promise<void> {
    try {
      await this.close(untrained, 0, null, 0, stages);
    } catch (thrown) {
      if (!(thrown instanceof Divergence)) throw thrown;
      throw new RangefinderError({
        code: 'diverged',
        message: 'There is nothing to train: the quantized model answers with NaN, or has NaN among its weights.',
        hint: 'Take a checkpoint from before it diverged, and look for samples with NaN in the data.',
      });
    }
  }

  /** Validates, notes the epoch's figures and keeps it where it is the best. */
  private async close(
    trainer: Trainer,
    epoch: number,
    stats: EpochStats | null,
    started: number,
    stages: Stages,
  ): Promise<boolean> {
    const { objective, split } = this.parts;
    const seen = await this.validate(trainer, stages, stats ? 1 / 3 : 1);
    const share = ({ right, samples }: EpochStats) => (objective.counts ? right / samples : null);
    const figures: EpochFigures = {
      epoch,
      trainLoss: stats && stats.loss / stats.samples,
      validationLoss: seen.loss / seen.samples,
      trainAccuracy: stats && share(stats),
      validationAccuracy: share(seen),
      learningRate: this.rates().weights,
      milliseconds: stats ? stages.now() - started : 0,
    };
    if (!Number.isFinite(figures.validationLoss)) throw new Divergence();
    const checkpoint = trainer.checkpoint(epoch, figures.validationLoss);
    if (!isFiniteCheckpoint(checkpoint)) throw new Divergence();
    this.history.push(figures);
    const before = this.best && this.history.find((row) => row.epoch === this.best!.checkpoint.epoch);
    const better = !before || (isBetter(figures, before, split.validation.length) && holdsUp(figures, this.history[0]));
    if (better) this.keep(checkpoint);
    this.report(trainer, epoch, better ? this.result() : null);
    return better;
  }

  private async validate(trainer: Trainer, stages: Stages, unit: number): Promise<EpochStats> {
    const { split, objective } = this.parts;
    const stats = { loss: 0, right: 0, samples: 0 };
    for (const samples of chunks(split.validation, this.batchSize)) {
      const { batch, taught } = await this.batches.plain(samples);
      const outputs = await trainer.predict(batch);
      stats.loss += objective.loss(outputs, samples, taught).loss * samples.length;
      stats.right += objective.right(outputs, samples, taught);
      stats.samples += samples.length;
      await stages.step(samples.length * unit);
    }
    return stats;
  }

  private async *statisticsBatches(stages: Stages): AsyncGenerator<Batch> {
    const most = STATISTICS_BATCHES * this.batchSize;
    for (const samples of chunks(this.parts.split.train.subarray(0, most), this.batchSize)) {
      yield (await this.batches.plain(samples)).batch;
      await stages.step(0);
    }
  }

  private keep(checkpoint: QatCheckpoint): void {
    const { session, spec, parts } = this;
    const id = `qat-${this.id}-${checkpoint.epoch}`;
    if (this.own !== null) session.trainings.delete(this.own);
    this.own = session.trainings.has(id) ? null : id;
    session.trainings.set(id, checkpoint);
    this.best = {
      id,
      checkpoint,
      settings: { ...withTrainedRanges(spec.settings, parts.plan, checkpoint), trained: id },
      history: [],
      samples: { train: parts.split.train.length, validation: parts.split.validation.length },
      objective: parts.objective.inWords,
      backend: this.backend,
      stepMs: 0,
      notes: [],
    };
  }

  private result(): QatResult | null {
    return (
      this.best && { ...this.best, history: [...this.history], stepMs: median(this.stepTimes), notes: [...this.notes] }
    );
  }

  private report(trainer: Trainer, epoch: number, best: QatResult | null = null): void {
    this.lastPartial = performance.now();
    this.controls.onPartial?.({
      epoch,
      step: this.step,
      steps: this.steps,
      loss: this.watch.mean,
      history: [...this.history],
      ranges: trainer.ranges(),
      backend: this.backend,
      ...(best && { best }),
    });
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
