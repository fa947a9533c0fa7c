/** What the simulation said of each evaluation sample, kept so that the file can be held against it. */
import { lookup } from '../../base/lookup';
import type { Judgement } from '../../core/metrics/guess-task';
import { isWithinChance, type Difference } from '../../core/metrics/interval';
import { metricInfo } from '../../core/metrics/table';
import { valueText } from '../../core/metrics/words';
import { joinRows } from '../../core/metrics/output-parts';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import { simulationOf } from '../../engine/tfjs/simulation';
import { KEPT_OUTPUT_ELEMENTS } from './float-outputs';
import type { Score } from '../contract/judgement-protocol';
import type { JobControls, SimulationCheck } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { judge, rowsOf, rowsApart } from './judging';
import { FlipKeeper, ScoreKeeper } from './scoring';
import type { Session } from './session';
import { simulated } from './simulated';
import { withoutPartials } from './run-on-variant';
import { settingsKey } from '../../core/quantize/settings-key';

/** Of one choice of settings, the last that was evaluated. */
export class SimulatedOutputs {
  private key = '';
  private readonly outputs = new Map<number, Float32Array>();

  of(settings: QuantSettings): Map<number, Float32Array> {
    const key = settingsKey(settings);
    if (key !== this.key) this.outputs.clear();
    this.key = key;
    return this.outputs;
  }

  clear(): void {
    this.outputs.clear();
  }
}

/** Keeps the judged row of each sample of a batch, where it is small enough to be worth it. */
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

/** Whether the simulation of all these samples is known, so that comparing with it costs nothing. */
export function isSimulated(session: Session, settings: QuantSettings, samples: Uint32Array): boolean {
  const known = session.simulatedOutputs.of(settings);
  return samples.every((index) => known.has(index));
}

/** What is worth a word even where it is no chance: tenths of a point and of a decibel are rounding. */
const WORTH_SAYING = { share: 0.002, dB: 1, plain: 0.02 } as const;

/** The file's score against its simulation's in a sentence, where they part by more than chance; else undefined. */
function partingInWords(file: Score, simulation: Score, difference: Difference): string | undefined {
  const { unit } = metricInfo(file.metric);
  const least = WORTH_SAYING[unit] * (unit === 'plain' ? Math.abs(simulation.value) : 1);
  if (!Number.isFinite(difference.value) || isWithinChance(difference) || Math.abs(difference.value) < least)
    return undefined;
  const [real, expected] = [file, simulation].map(({ metric, value }) => valueText(metric, value));
  return (
    `The file is not what was simulated: ${real} against ${expected} on the same ${simulation.samples} samples, ` +
    `which is more than chance. The file's own figure counts.`
  );
}

/** Holds a file's outputs against those of the simulation, sample by sample. */
export class SimulationComparison {
  private readonly score: ScoreKeeper;
  private readonly flips: FlipKeeper;
  private samples = 0;
  private stepsOff = 0;
  private maxSteps = 0;

  private constructor(
    judgement: Judgement,
    private readonly outputs: ReadonlyMap<number, Float32Array>,
    /** Real difference between neighbouring codes, for each value of a row. */
    private readonly steps: Float32Array,
  ) {
    this.score = new ScoreKeeper(judgement, true);
    this.flips = new FlipKeeper(judgement);
  }

  /** Simulates what is not known yet; `advance` hears of each sample once. */
  static async prepare(
    session: Session,
    settings: QuantSettings,
    samples: Uint32Array,
    controls: JobControls,
    advance: (units: number) => Promise<void>,
  ): Promise<SimulationComparison> {
    const { graph, calibration } = await session.variants.of(settings, withoutPartials(controls));
    const plan = planQuantization(graph, calibration, settings);
    const judgement = await judge(session);
    const { tensors, sizes } = judgement.outputs;
    const outputs = new Map(session.simulatedOutputs.of(settings));
    const missing = samples.filter((index) => !outputs.has(index));
    await advance(samples.length - missing.length);
    if (missing.length > 0)
      await simulated(session, graph, simulationOf(graph, plan), async (model) => {
        for (const indices of chunks(missing, batchSizeFor(graph))) {
          const batch = await readBatch(session.data.reader, graph, indices);
          const rows = rowsOf(await model.run(batch, tensors), tensors, indices.length);
          rowsApart(rows, indices.length).forEach((row, i) => outputs.set(indices[i], row.slice()));
          await advance(indices.length);
        }
      });
    const steps = tensors.map((id, i) =>
      new Float32Array(sizes[i]).fill(lookup(plan.activations, id)?.params.scale[0] ?? 1),
    );
    return new SimulationComparison(judgement, outputs, joinRows(steps, 1));
  }

  add(index: number, file: Float32Array, float: Float32Array, input: Float32Array): void {
    const expected = this.outputs.get(index)!;
    this.score.add(index, expected, float, input);
    this.flips.add(index, file, expected);
    let steps = 0;
    for (let i = 0; i < file.length; i++) steps = Math.max(steps, Math.abs(file[i] - expected[i]) / this.steps[i]);
    this.samples++;
    this.maxSteps = Math.max(this.maxSteps, steps);
    this.stepsOff += Number(Math.round(steps) > 1);
  }

  /** @param file of the same samples */
  result(file: ScoreKeeper): SimulationCheck {
    const { samples, stepsOff, maxSteps } = this;
    const changed = this.flips.result()?.changed ?? stepsOff;
    const score = this.score.score();
    const parting = partingInWords(file.score(), score, file.since(this.score));
    return { score, samples, changed, maxSteps: Math.round(maxSteps), ...(parting !== undefined && { parting }) };
  }
}
