import { augment } from '../core/training/augment';
import { isFinite as isSound, withTrainedRanges, type QatCheckpoint } from '../core/training/checkpoint';
import { crc32 } from '../core/data/crc32';
import { Random } from '../core/data/random';
import { RangefinderError } from '../core/errors';
import { tensorOf, type Graph } from '../core/graph/graph';
import type { QuantPlan } from '../core/quantize/plan';
import { planQuantization } from '../core/quantize/resolve';
import { SCHEDULES } from '../core/training/schedules';
import { checkQatSettings } from '../core/training/settings';
import { trainingSplit, type TrainingSplit } from '../core/training/training-split';
import { Trainer } from '../engine/tfjs/training/trainer';
import type { Batch } from '../engine/types';
import { Stages } from './progress';
import type { JobControls, Spec } from './protocol';
import { lessonOf, Teacher, type Lesson } from './qat-lesson';
import type { EpochFigures, QatProgress, QatResult, QatSpec } from './qat-protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import type { Session } from './session';
import { inFloat } from './simulated';
import { onVariant } from './variant-first';

/** How often a partial result is worth showing, ms. */
const PARTIAL_EVERY = 400;
/** A loss this many times that of the first steps will not come back. */
const RUNAWAY = 100;
/** Steps that a loss is averaged over. */
const RECENT = 10;

/**
 * Trains the quantized model of the current settings, calibration samples included, evaluation samples never. After each
 * epoch it is validated on samples that it does not train on; the best epoch is kept, the untrained model being the first.
 * @throws RangefinderError 'diverged', 'invalid-data', 'invalid-settings', 'unsupported-op', 'unsupported-feature',
 *   'cancelled'; the last partial has the best epoch so far
 */
export function qat(session: Session, spec: Spec<'qat'>, controls: JobControls<QatProgress>): Promise<QatResult> {
  checkQatSettings(spec.training);
  const { trained: _, ...settings } = spec.settings;
  return onVariant(session, settings, controls, ({ reference, graph, calibration }, own) =>
    inFloat(session, reference, async (float) => {
      const plan = planQuantization(graph, calibration, settings);
      const lesson = lessonOf(graph, session.data, spec.training);
      const split = trainingSplit(session.data.source.size, session.data.split, spec.training);
      const trainer = Trainer.create(graph, plan, lesson.tensor, spec.training);
      try {
        if (spec.from) trainer.restore(spec.from);
        const teacher = lesson.asksTeacher ? new Teacher(float, lesson.tensor) : null;
        return await new Course(session, { ...spec, settings }, own, {
          graph,
          plan,
          lesson,
          split,
          trainer,
          teacher,
        }).run();
      } finally {
        trainer.dispose();
      }
    }),
  );
}

/** Takes back trained weights that the page kept while the worker was restarted. */
export function restoreTraining(session: Session, { id, checkpoint }: Spec<'restoreTraining'>): null {
  session.trainings.set(id, checkpoint);
  return null;
}

interface Parts {
  readonly graph: Graph;
  readonly plan: QuantPlan;
  readonly lesson: Lesson;
  readonly split: TrainingSplit;
  readonly trainer: Trainer;
  readonly teacher: Teacher | null;
}

interface Tally {
  loss: number;
  right: number;
  samples: number;
}

/** One run of training. */
class Course {
  private readonly history: EpochFigures[] = [];
  private readonly recent: number[] = [];
  private readonly stepTimes: number[] = [];
  private readonly random: Random;
  private readonly notes: string[];
  private readonly batchSize: number;
  private best: QatResult | null = null;
  private firstLosses: number[] = [];
  private step = 0;
  private lastPartial = -Infinity;

  constructor(
    private readonly session: Session,
    private readonly spec: QatSpec,
    private readonly controls: JobControls<QatProgress>,
    private readonly parts: Parts,
  ) {
    const { batchSize, seed } = spec.training;
    const { graph, split } = parts;
    this.random = new Random(seed, 12);
    this.batchSize = Math.min(batchSizeFor(graph, batchSize), split.train.length);
    this.notes = notesOf(session, spec, parts, this.batchSize);
  }

  private get stepsPerEpoch(): number {
    return Math.ceil(this.parts.split.train.length / this.batchSize);
  }

  private get steps(): number {
    return this.stepsPerEpoch * this.spec.training.epochs;
  }

  async run(): Promise<QatResult> {
    const { epochs, patience, freezeAfter } = this.spec.training;
    const { split, trainer } = this.parts;
    const stages = new Stages(this.controls, epochs + 0.2);
    try {
      await stages.enter('Validating the quantized model', 0.2, split.validation.length);
      await this.close(0, null, 0, stages);
      let since = 0;
      for (let epoch = 1; epoch <= epochs; epoch++) {
        await stages.enter(
          `Training, epoch ${epoch} of ${epochs}`,
          1,
          split.train.length + split.validation.length / 3,
        );
        const started = performance.now();
        if (epoch > freezeAfter) trainer.freezeRanges();
        const tally = await this.epoch(epoch, stages);
        const isBetter = await this.close(epoch, tally, started, stages);
        since = isBetter ? 0 : since + 1;
        if (patience > 0 && since >= patience) {
          this.notes.push(`Stopped after epoch ${epoch}: ${patience} epochs brought nothing better.`);
          break;
        }
      }
    } catch (thrown) {
      this.report(this.history.length, this.result());
      throw thrown;
    }
    return this.result()!;
  }

  private async epoch(epoch: number, stages: Stages): Promise<Tally> {
    const { split, trainer, lesson } = this.parts;
    const { learningRate, rangeLearningRate, schedule, flip, shift } = this.spec.training;
    const tally = { loss: 0, right: 0, samples: 0 };
    const order = this.random.shuffle(split.train.slice());
    for (const samples of chunks(order, this.batchSize)) {
      const changed = flip || shift > 0;
      const batch = await this.read(samples, changed);
      const taught = await this.taught(batch, samples, changed);
      const factor = SCHEDULES[schedule](this.step / this.steps);
      const rates = { weights: learningRate * factor, ranges: rangeLearningRate * factor };
      const started = performance.now();
      const loss = await trainer.step(
        batch,
        (outputs) => {
          tally.right += lesson.right(outputs, samples, taught);
          return lesson.loss(outputs, samples, taught);
        },
        rates,
      );
      this.stepTimes.push(performance.now() - started);
      this.watch(loss, epoch);
      tally.loss += loss * samples.length;
      tally.samples += samples.length;
      this.step++;
      if (performance.now() - this.lastPartial > PARTIAL_EVERY) this.report(epoch);
      await stages.step(samples.length);
    }
    return tally;
  }

  /** Validates, notes the epoch's figures and keeps it where it is the best. */
  private async close(epoch: number, tally: Tally | null, started: number, stages: Stages): Promise<boolean> {
    const { lesson } = this.parts;
    const seen = await this.validate(stages, tally ? 1 / 3 : 1);
    const share = ({ right, samples }: Tally) => (lesson.counts ? right / samples : null);
    const { learningRate, schedule } = this.spec.training;
    const figures: EpochFigures = {
      epoch,
      trainLoss: tally && tally.loss / tally.samples,
      validationLoss: seen.loss / seen.samples,
      trainAccuracy: tally && share(tally),
      validationAccuracy: share(seen),
      learningRate: learningRate * SCHEDULES[schedule](this.step / this.steps),
      milliseconds: tally ? performance.now() - started : 0,
    };
    if (!Number.isFinite(figures.validationLoss)) throw diverged(epoch, figures.validationLoss);
    this.history.push(figures);
    const before = this.best && this.history.find((row) => row.epoch === this.best!.checkpoint.epoch);
    const isBetter = !before || compare(figures, before) > 0;
    if (isBetter) this.keep(epoch, figures.validationLoss);
    this.report(epoch, isBetter ? this.result() : null);
    return isBetter;
  }

  private async validate(stages: Stages, unit: number): Promise<Tally> {
    const { split, trainer, lesson } = this.parts;
    const tally = { loss: 0, right: 0, samples: 0 };
    for (const samples of chunks(split.validation, this.batchSize)) {
      const batch = await this.read(samples, false);
      const taught = await this.taught(batch, samples, false);
      const outputs = await trainer.predict(batch);
      tally.loss += lesson.loss(outputs, samples, taught).loss * samples.length;
      tally.right += lesson.right(outputs, samples, taught);
      tally.samples += samples.length;
      await stages.step(samples.length * unit);
    }
    return tally;
  }

  private async read(samples: Uint32Array, changed: boolean): Promise<Batch> {
    const batch = await readBatch(this.session.data.reader, this.parts.graph, samples);
    return changed ? this.augmented(batch) : batch;
  }

  private async taught(batch: Batch, samples: Uint32Array, changed: boolean): Promise<Float32Array | null> {
    return this.parts.teacher ? this.parts.teacher.ask(batch, samples, changed) : null;
  }

  private augmented(batch: Batch): Batch {
    const { flip, shift } = this.spec.training;
    const inputs = new Map(batch.inputs);
    for (const [id, values] of inputs) {
      const [, ...shape] = tensorOf(this.parts.graph, id).shape;
      if (shape.length !== 3) continue;
      const size = values.length / batch.size;
      const out = new Float32Array(values.length);
      for (let n = 0; n < batch.size; n++) {
        const part = [n * size, (n + 1) * size] as const;
        const image = shape as [number, number, number];
        augment(values.subarray(...part), image, { flip, shift }, this.random, out.subarray(...part));
      }
      inputs.set(id, out);
    }
    return { ...batch, inputs };
  }

  /** @throws RangefinderError 'diverged' for a loss that is no number or has left all bounds */
  private watch(loss: number, epoch: number): void {
    if (!Number.isFinite(loss)) throw diverged(epoch, loss);
    if (this.firstLosses.length < RECENT) this.firstLosses.push(loss);
    this.recent.push(loss);
    if (this.recent.length > RECENT) this.recent.shift();
    if (mean(this.recent) > RUNAWAY * Math.max(1e-3, mean(this.firstLosses))) throw diverged(epoch, mean(this.recent));
  }

  private keep(epoch: number, loss: number): void {
    const { session, spec, parts } = this;
    const checkpoint = parts.trainer.checkpoint(epoch, loss);
    if (!isSound(checkpoint)) throw diverged(epoch, NaN);
    const id = nameOf(spec, checkpoint);
    if (this.best) session.trainings.delete(this.best.id);
    session.trainings.set(id, checkpoint);
    this.best = {
      id,
      checkpoint,
      settings: { ...withTrainedRanges(spec.settings, parts.plan, checkpoint), trained: id },
      history: [],
      samples: { train: parts.split.train.length, validation: parts.split.validation.length },
      lesson: parts.lesson.inWords,
      stepMs: 0,
      notes: [],
    };
  }

  private result(): QatResult | null {
    return (
      this.best && { ...this.best, history: [...this.history], stepMs: median(this.stepTimes), notes: [...this.notes] }
    );
  }

  private report(epoch: number, best: QatResult | null = null): void {
    this.lastPartial = performance.now();
    this.controls.onPartial?.({
      epoch,
      step: this.step,
      steps: this.steps,
      loss: this.recent.length > 0 ? mean(this.recent) : null,
      history: [...this.history],
      ranges: this.parts.trainer.ranges(),
      ...(best && { best }),
    });
  }
}

/** Positive where `a` is better: more right answers, or as many at a smaller loss. */
function compare(a: EpochFigures, b: EpochFigures): number {
  return (a.validationAccuracy ?? 0) - (b.validationAccuracy ?? 0) || b.validationLoss - a.validationLoss;
}

function notesOf(session: Session, { training }: QatSpec, { graph, lesson }: Parts, batchSize: number): string[] {
  const notes: string[] = [];
  if (session.model.source.ops.some(({ kind }) => kind === 'batchNorm'))
    notes.push('Batch norm is folded into the weights before training: its statistics are frozen from the start.');
  if (batchSize < training.batchSize)
    notes.push(`Batches of ${batchSize}: larger ones do not fit the memory or the data.`);
  if (graph.outputs.length > 1) notes.push(`Trained on "${lesson.tensor}" alone; other outputs follow as they do.`);
  return notes;
}

/** The same for equal specs: what is trained from them is equal, too. */
function nameOf({ settings, training, from }: QatSpec, { epoch }: QatCheckpoint): string {
  const text = JSON.stringify([settings, training, from && [from.epoch, from.loss]]);
  return `qat-${crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0')}-${epoch}`;
}

function diverged(epoch: number, loss: number): RangefinderError {
  return new RangefinderError({
    code: 'diverged',
    message: Number.isFinite(loss)
      ? `Training ran away in epoch ${epoch}: the loss grew to ${loss.toPrecision(3)}.`
      : `Training broke down in epoch ${epoch}: the loss is no number any more.`,
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
