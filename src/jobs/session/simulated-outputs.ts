/** What the simulation said of each evaluation sample, kept so that the file can be held against it. */
import { lookup } from '../../base/lookup';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import { simulationOf } from '../../engine/tfjs/simulation';
import { KEPT_OUTPUT_ELEMENTS } from './float-outputs';
import type { JobControls, MetricName, SimulationCheck } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { predicted, ScoreKeeper, scoredTensor } from './scoring';
import type { Session } from './session';
import { simulated } from './simulated';
import { quietly } from './variant-first';

/** Of one choice of settings, the last that was evaluated. */
export class SimulatedOutputs {
  private key = '';
  private readonly outputs = new Map<number, Float32Array>();

  of(settings: QuantSettings): Map<number, Float32Array> {
    const key = JSON.stringify(settings);
    if (key !== this.key) this.outputs.clear();
    this.key = key;
    return this.outputs;
  }

  clear(): void {
    this.outputs.clear();
  }
}

/** Keeps the judged output of each sample of a batch, where it is small enough to be worth it. */
export function keepSimulated(
  session: Session,
  settings: QuantSettings,
  indices: Uint32Array,
  values: Float32Array,
): void {
  const size = values.length / indices.length;
  if (size > KEPT_OUTPUT_ELEMENTS) return;
  const kept = session.simulatedOutputs.of(settings);
  indices.forEach((index, i) => kept.set(index, values.slice(i * size, (i + 1) * size)));
}

/** Holds a file's outputs against those of the simulation, sample by sample. */
export class SimulationComparison {
  private readonly score: ScoreKeeper;
  private readonly counts: boolean;
  private samples = 0;
  private changed = 0;
  private maxSteps = 0;

  private constructor(
    session: Session,
    metric: MetricName,
    private readonly outputs: ReadonlyMap<number, Float32Array>,
    /** Real difference between neighbouring codes of the output. */
    private readonly step: number,
  ) {
    this.score = new ScoreKeeper(metric, session.data.source);
    this.counts = metric === 'top1' || metric === 'agreement';
  }

  /** Simulates what is not known yet; `advance` hears of each sample once. */
  static async prepare(
    session: Session,
    settings: QuantSettings,
    metric: MetricName,
    samples: Uint32Array,
    controls: JobControls,
    advance: (units: number) => Promise<void>,
  ): Promise<SimulationComparison> {
    const { graph, calibration } = await session.variants.of(settings, quietly(controls));
    const plan = planQuantization(graph, calibration, settings);
    const outputs = new Map(session.simulatedOutputs.of(settings));
    const missing = samples.filter((index) => !outputs.has(index));
    await advance(samples.length - missing.length);
    if (missing.length > 0)
      await simulated(session, graph, simulationOf(graph, plan), async (model) => {
        for (const indices of chunks(missing, batchSizeFor(graph))) {
          const batch = await readBatch(session.data.reader, graph, indices);
          const values = (await model.run(batch, [scoredTensor(graph)])).get(scoredTensor(graph))!.data as Float32Array;
          const size = values.length / indices.length;
          indices.forEach((index, i) => outputs.set(index, values.slice(i * size, (i + 1) * size)));
          await advance(indices.length);
        }
      });
    return new SimulationComparison(
      session,
      metric,
      outputs,
      lookup(plan.activations, scoredTensor(graph))?.params.scale[0] ?? 1,
    );
  }

  add(index: number, file: Float32Array, float: Float32Array): void {
    const expected = this.outputs.get(index)!;
    this.score.add(index, expected, float);
    let steps = 0;
    for (let i = 0; i < file.length; i++) steps = Math.max(steps, Math.abs(file[i] - expected[i]) / this.step);
    this.samples++;
    this.maxSteps = Math.max(this.maxSteps, steps);
    this.changed += Number(this.counts ? predicted(file) !== predicted(expected) : Math.round(steps) > 1);
  }

  result(): SimulationCheck {
    const { samples, changed, maxSteps } = this;
    return { score: this.score.score(), samples, changed, maxSteps: Math.round(maxSteps) };
  }
}
