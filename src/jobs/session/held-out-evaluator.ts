/**
 * Judges settings by samples that nothing was learnt from: the part of the calibration split that algorithms leave alone,
 * and where that is small, samples of neither split.
 */
import type { Graph } from '../../core/graph/graph';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import type { TfjsModel } from '../../engine/tfjs/model';
import { simulationOf } from '../../engine/tfjs/simulation';
import type { Progress, Score } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch, unusedSamples } from './samples';
import { chooseMetric, ScoreKeeper, scoredTensor, logitsTensor } from './scoring';
import type { Session } from './session';
import { simulated } from './simulated';
import type { Variant } from './variants';

export interface Judgement {
  /** Of the output against float; before the softmax, which hides errors, where the model ends in one. */
  readonly sqnrDb: number;
  readonly score: Score;
}

export interface JudgeControls {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Awaited after each batch. */
  readonly step: () => Promise<void>;
}

export class HeldOutEvaluator {
  private readonly samples: Uint32Array;
  private reference: readonly { readonly output: Float32Array; readonly told: Float32Array }[] | undefined;

  /**
   * @param most samples at most
   * @param least where fewer are held, they are joined by samples that nobody uses, up to this many
   */
  constructor(
    private readonly session: Session,
    most = Infinity,
    least = 0,
  ) {
    const { held } = session.variants;
    const missing = Math.max(0, least - held.length);
    const { source, split } = session.data;
    const others = missing > 0 ? unusedSamples(source, split).subarray(0, missing) : [];
    this.samples = Uint32Array.from([...held.subarray(0, Math.min(held.length, most)), ...others]);
  }

  get size(): number {
    return this.samples.length;
  }

  /** Batches of one judgement. */
  get batchCount(): number {
    return Math.ceil(this.size / batchSizeFor(this.session.quantizableModel.graph));
  }

  /** The float model against itself. */
  async float({ step }: JudgeControls): Promise<Score> {
    const score = this.keeper();
    const rows = await this.references(step);
    let at = 0;
    for (const indices of this.batches()) {
      score.addBatch(indices, rows[at].output, rows[at].output);
      at++;
    }
    return score.score();
  }

  /** Settings on a variant that was calibrated without the samples it is judged by. */
  async of({ graph, calibration }: Variant, settings: QuantSettings, controls: JudgeControls): Promise<Judgement> {
    const plan = planQuantization(graph, calibration, settings);
    return simulated(this.session, graph, simulationOf(graph, plan), (model) => this.model(model, graph, controls));
  }

  /** A graph that is loaded already, rounded as its simulation says. */
  async model(model: TfjsModel, graph: Graph, { step }: JudgeControls): Promise<Judgement> {
    const reference = await this.references(step);
    const output = scoredTensor(graph);
    const told = logitsTensor(graph);
    const errors = new ErrorAccumulator();
    const score = this.keeper();
    let at = 0;
    for (const indices of this.batches()) {
      const batch = await readBatch(this.session.data.reader, graph, indices);
      const values = await model.run(batch, [output, told]);
      errors.add(reference[at].told, values.get(told)!.data as Float32Array);
      score.addBatch(indices, values.get(output)!.data as Float32Array, reference[at].output);
      at++;
      await step();
    }
    return { sqnrDb: errors.result().sqnrDb, score: score.score() };
  }

  private keeper() {
    const { source } = this.session.data;
    const keeper = new ScoreKeeper(chooseMetric(this.session.quantizableModel.graph, source), source);
    return {
      addBatch(indices: Uint32Array, output: Float32Array, float: Float32Array) {
        const size = output.length / indices.length;
        indices.forEach((index, i) => {
          const row = (values: Float32Array) => values.subarray(i * size, (i + 1) * size);
          keeper.add(index, row(output), row(float));
        });
      },
      score: () => keeper.score(),
    };
  }

  private batches(): Iterable<Uint32Array> {
    return chunks(this.samples, batchSizeFor(this.session.quantizableModel.graph));
  }

  /** The float model's outputs, computed once. */
  private async references(step: () => Promise<void>) {
    if (this.reference) return this.reference;
    const { graph } = this.session.quantizableModel;
    const engine = await this.session.float();
    const output = scoredTensor(graph);
    const told = logitsTensor(graph);
    const rows: { output: Float32Array; told: Float32Array }[] = [];
    for (const indices of this.batches()) {
      const values = await engine.run(await readBatch(this.session.data.reader, graph, indices), [output, told]);
      rows.push({
        output: values.get(output)!.data as Float32Array,
        told: values.get(told)!.data as Float32Array,
      });
      await step();
    }
    return (this.reference = rows);
  }
}
