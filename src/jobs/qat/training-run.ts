import { Random } from '../../base/random';
import { RangefinderError } from '../../base/errors';
import type { Graph } from '../../core/graph/graph';
import type { QuantPlan } from '../../core/quantize/plan';
import { isFiniteCheckpoint, withTrainedRanges } from '../../core/training/checkpoint';
import { paceOf } from '../../core/training/rounding-noise';
import { SCHEDULES, warmUp } from '../../core/training/schedules';
import { isBetter } from '../../core/training/selection';
import type { TrainingSplit } from '../../core/training/training-split';
import type { Rates, Trainer } from '../../engine/tfjs/training/trainer';
import type { Batch } from '../../engine/types';
import { Stages } from '../session/progress';
import type { JobControls } from '../contract/protocol';
import { Batches, type LabeledBatch } from './batches';
import type { Objective, Teacher } from './objective';
import { trainingId } from './training-id';
import type { EpochFigures, QatProgress, QatResult, QatSpec } from '../contract/qat-protocol';
import { batchSizeFor, chunks } from '../session/samples';
import type { Session } from '../session/session';

/** How often a partial result is worth showing, ms. */
const PARTIAL_EVERY = 400;
/** A loss this many times that of the untrained model, and of answering nothing at all, will not come back. */
const RUNAWAY = 1.5;
/** Steps that a loss is averaged over. */
const RECENT = 10;
/** Batches that running statistics are taken from. */
const STATISTICS_BATCHES = 10;

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

/** One run of training. */
export class TrainingRun {
  private readonly history: EpochFigures[] = [];
  private readonly recent: number[] = [];
  private readonly stepTimes: number[] = [];
  private readonly random: Random;
  private readonly batches: Batches;
  private readonly batchSize: number;
  /** What rates are multiplied by. */
  private readonly pace: number;
  private best: QatResult | null = null;
  /** What this run put into the session; what was there before may be in use. */
  private own: string | null = null;
  private backend = '';
  /** Names what this run starts from; with the epoch, the weights it leaves. */
  private id = '';
  /** Of the same batches, were the outputs all zero. */
  private readonly baselineLoss: number[] = [];
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

  /**
   * @param untrained the quantized model as its settings have it: the first that may be the best
   * @param trainer where training starts
   */
  async run(untrained: Trainer, trainer: Trainer): Promise<QatResult> {
    const { epochs, patience, freezeAfter, batchNorm, freezeBatchNormAfter } = this.spec.training;
    const { split } = this.parts;
    const stages = new Stages(this.controls, epochs + 0.2);
    this.backend = trainer.backend;
    this.id = await trainingId(this.session, { spec: this.spec, split, backend: this.backend });
    try {
      await stages.enter('Validating the quantized model', 0.2, split.validation.length);
      await this.close(untrained, 0, null, 0, stages);
      if (batchNorm !== 'frozen') await trainer.estimateStatistics(this.statisticsBatches(stages));
      let since = 0;
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const units = split.train.length + split.validation.length / 3;
        await stages.enter(`Training, epoch ${epoch} of ${epochs}`, 1, units);
        const started = stages.now();
        if (epoch > freezeAfter) trainer.freezeRanges();
        if (batchNorm === 'batch' && epoch > freezeBatchNormAfter) trainer.foldBatchNorm();
        const stats = await this.epoch(trainer, epoch, stages);
        if (batchNorm === 'reestimated') await trainer.estimateStatistics(this.statisticsBatches(stages));
        since = (await this.close(trainer, epoch, stats, started, stages)) ? 0 : since + 1;
        if (patience > 0 && since >= patience) {
          this.notes.push(`Stopped after epoch ${epoch}: ${patience} epochs brought nothing better.`);
          break;
        }
      }
    } catch (thrown) {
      this.report(trainer, this.history.length, this.result());
      throw thrown;
    }
    return this.result()!;
  }

  /** A batch to try things out on. */
  async firstBatch(): Promise<LabeledBatch & { readonly samples: Uint32Array }> {
    const samples = this.parts.split.train.subarray(0, this.batchSize);
    return { ...(await this.batches.plain(samples)), samples };
  }

  private get steps(): number {
    return Math.ceil(this.parts.split.train.length / this.batchSize) * this.spec.training.epochs;
  }

  private async epoch(trainer: Trainer, epoch: number, stages: Stages): Promise<EpochStats> {
    const { split, objective } = this.parts;
    const stats = { loss: 0, right: 0, samples: 0 };
    const order = this.random.shuffle(split.train.slice());
    for (const samples of chunks(order, this.batchSize)) {
      const { batch, taught } = await this.batches.changed(samples);
      const started = performance.now();
      const loss = await trainer.step(
        batch,
        (outputs) => {
          stats.right += objective.right(outputs, samples, taught);
          if (this.step < RECENT)
            this.baselineLoss.push(
              objective.loss(
                outputs.map(() => 0),
                samples,
                taught,
              ).loss,
            );
          return objective.loss(outputs, samples, taught);
        },
        this.rates(),
      );
      this.stepTimes.push(performance.now() - started);
      this.watch(loss, epoch);
      stats.loss += loss * samples.length;
      stats.samples += samples.length;
      this.step++;
      if (performance.now() - this.lastPartial > PARTIAL_EVERY) this.report(trainer, epoch);
      await stages.step(samples.length);
    }
    return stats;
  }

  private rates(): Rates {
    const { learningRate, rangeLearningRate, schedule, warmUp: share } = this.spec.training;
    const { step, steps } = this;
    const factor = this.pace * SCHEDULES[schedule](step / steps) * warmUp(step, steps, share);
    return { weights: learningRate * factor, ranges: rangeLearningRate * factor };
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
    if (!Number.isFinite(figures.validationLoss)) throw diverged(epoch, figures.validationLoss);
    this.history.push(figures);
    const before = this.best && this.history.find((row) => row.epoch === this.best!.checkpoint.epoch);
    const better = !before || isBetter(figures, before, split.validation.length);
    if (better) this.keep(trainer, epoch, figures.validationLoss);
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

  /** @throws RangefinderError 'diverged' for a loss that is no number or has left all bounds */
  private watch(loss: number, epoch: number): void {
    if (!Number.isFinite(loss)) throw diverged(epoch, loss);
    this.recent.push(loss);
    if (this.recent.length > RECENT) this.recent.shift();
    const worst = Math.max(this.history[0].validationLoss, mean(this.baselineLoss));
    if (this.recent.length === RECENT && mean(this.recent) > RUNAWAY * worst) throw diverged(epoch, mean(this.recent));
  }

  private keep(trainer: Trainer, epoch: number, loss: number): void {
    const { session, spec, parts } = this;
    const checkpoint = trainer.checkpoint(epoch, loss);
    if (!isFiniteCheckpoint(checkpoint)) throw diverged(epoch, NaN);
    const id = `qat-${this.id}-${epoch}`;
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
      loss: this.recent.length > 0 ? mean(this.recent) : null,
      history: [...this.history],
      ranges: trainer.ranges(),
      backend: this.backend,
      ...(best && { best }),
    });
  }
}

function diverged(epoch: number, loss: number): RangefinderError {
  return new RangefinderError({
    code: 'diverged',
    message: Number.isFinite(loss)
      ? `Training diverged in epoch ${epoch}: the loss grew to ${loss.toPrecision(3)}.`
      : `Training diverged in epoch ${epoch}: the loss became NaN.`,
    hint: 'The best epoch before is kept. Lower the learning rate and train again.',
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
