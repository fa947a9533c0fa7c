/**
 * Judges settings by samples that nothing was learnt from: the part of the calibration split that algorithms leave alone,
 * and where that is small, samples of neither split.
 */
import type { Graph, TensorId } from '../../core/graph/graph';
import type { Difference } from '../../core/metrics/interval';
import { joinRows } from '../../core/metrics/output-parts';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import type { TfjsModel } from '../../engine/tfjs/model';
import { simulationOf } from '../../engine/tfjs/simulation';
import type { Progress } from '../contract/protocol';
import type { Score } from '../contract/judgement-protocol';
import { batchSizeFor, chunks, readBatch, unusedSamples } from './samples';
import { inputRow, judge, rowsApart } from './judging';
import { OutputErrors, placesOf, placeTensors } from './output-errors';
import { ScoreKeeper } from './scoring';
import type { HeldOutScore, ModelVariant, Session } from './session';
import { simulated } from './simulated';

export interface HeldOutFigures extends HeldOutScore {
  /** The same after final softmaxes: what the model hands out. */
  readonly outputDb: number;
  /** To be held against other settings judged on the same samples. */
  readonly keeper: ScoreKeeper;
}

export interface JudgeControls {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Awaited after each batch. */
  readonly step: () => Promise<void>;
}

export class HeldOutEvaluator {
  private readonly samples: Uint32Array;
  private reference: readonly ReadonlyMap<TensorId, Float32Array>[] | undefined;
  private floatKeeper: ScoreKeeper | undefined;

  /**
   * @param most samples at most
   * @param least where fewer are held, they are joined by samples that nobody uses, up to this many
   */
  constructor(
    private readonly session: Session,
    most = Infinity,
    least = 0,
  ) {
    const { heldOut } = session.variants;
    const missing = Math.max(0, least - heldOut.length);
    const { source, split } = session.data;
    const others = missing > 0 ? unusedSamples(source, split).subarray(0, missing) : [];
    this.samples = Uint32Array.from([...heldOut.subarray(0, Math.min(heldOut.length, most)), ...others]);
  }

  has(index: number): boolean {
    return this.samples.includes(index);
  }

  get size(): number {
    return this.samples.length;
  }

  /** Batches of one judgement. */
  get batchCount(): number {
    return Math.ceil(this.size / batchSizeFor(this.session.quantizableModel.graph));
  }

  /** The float model against itself. */
  async float(controls: JudgeControls): Promise<Score> {
    return (await this.floatScores(controls)).score(true);
  }

  /** Settings on a variant that was calibrated without the samples it is judged by. */
  async of(
    { graph, calibration }: ModelVariant,
    settings: QuantSettings,
    controls: JudgeControls,
  ): Promise<HeldOutFigures> {
    const plan = planQuantization(graph, calibration, settings);
    return simulated(this.session, graph, simulationOf(graph, plan), (model) => this.model(model, graph, controls));
  }

  /** What settings lose against float on the same samples. */
  async lossOf({ keeper }: HeldOutFigures, controls: JudgeControls): Promise<Difference> {
    return keeper.since(await this.floatScores(controls));
  }

  /** A graph that is loaded already, rounded as its simulation says. */
  async model(model: TfjsModel, graph: Graph, controls: JudgeControls): Promise<HeldOutFigures> {
    const reference = await this.references(controls.step);
    const judgement = await judge(this.session);
    const places = placesOf(graph, judgement);
    const want = placeTensors(places);
    const errors = new OutputErrors(places);
    const keeper = new ScoreKeeper(judgement);
    let at = 0;
    for (const indices of this.batches()) {
      const batch = await readBatch(this.session.data.reader, graph, indices);
      const values = await model.run(batch, want);
      const exact = reference[at];
      const seen = new Map([...values].map(([id, { data }]) => [id, data as Float32Array]));
      errors.add((id) => exact.get(id)!, (id) => seen.get(id)!, indices.length); // prettier-ignore
      const [rows, exactRows] = [seen, exact].map((all) => rowsOfBatch(all, judgement.outputs.tensors, indices.length));
      rows.forEach((row, i) => keeper.add(indices[i], row, exactRows[i], inputRow(batch, graph, i)));
      at++;
      await controls.step();
    }
    return { sqnrDb: errors.worstDb(), outputDb: errors.worstDb(() => false), score: keeper.score(), keeper };
  }

  private batches(): Iterable<Uint32Array> {
    return chunks(this.samples, batchSizeFor(this.session.quantizableModel.graph));
  }

  private async floatScores({ step }: JudgeControls): Promise<ScoreKeeper> {
    if (this.floatKeeper) return this.floatKeeper;
    const reference = await this.references(step);
    const judgement = await judge(this.session);
    const { graph } = this.session.quantizableModel;
    const keeper = new ScoreKeeper(judgement);
    let at = 0;
    for (const indices of this.batches()) {
      const batch = await readBatch(this.session.data.reader, graph, indices);
      const rows = rowsOfBatch(reference[at], judgement.outputs.tensors, indices.length);
      rows.forEach((row, i) => keeper.add(indices[i], row, row, inputRow(batch, graph, i)));
      at++;
    }
    return (this.floatKeeper = keeper);
  }

  /** The float model's outputs, computed once. */
  private async references(step: () => Promise<void>) {
    if (this.reference) return this.reference;
    const { graph } = this.session.quantizableModel;
    const engine = await this.session.float();
    const want = placeTensors(placesOf(graph, await judge(this.session)));
    const batches: ReadonlyMap<TensorId, Float32Array>[] = [];
    for (const indices of this.batches()) {
      const values = await engine.run(await readBatch(this.session.data.reader, graph, indices), want);
      batches.push(new Map([...values].map(([id, { data }]) => [id, data as Float32Array])));
      await step();
    }
    return (this.reference = batches);
  }
}

function rowsOfBatch(values: ReadonlyMap<TensorId, Float32Array>, tensors: readonly TensorId[], samples: number) {
  return rowsApart(
    joinRows(
      tensors.map((id) => values.get(id)!),
      samples,
    ),
    samples,
  );
}
