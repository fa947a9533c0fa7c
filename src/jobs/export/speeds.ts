import type { Graph } from '../../core/graph/graph';
import { tfliteSize, writeTflite } from '../../core/model-formats/tflite/write';
import type { Latency, Verification } from '../contract/protocol';
import { FileRunner } from '../session/file-runner';
import type { Session } from '../session/session';

/** Rounds of each file. */
const ROUNDS = 25;

/**
 * Bytes of a float file that is timed. LiteRT holds it three times over, as it came, copied and packed for its kernels; of
 * a larger one that is more memory than knowing its speed is worth.
 */
const TIMED_BYTES = 64 * 2 ** 20;

interface Timed {
  readonly bytes: Uint8Array;
  readonly graph: Graph;
}

/**
 * Both files in turns, round by round, so that whatever else the machine is doing slows both alike. A large float file is
 * not timed.
 * @returns milliseconds of one inference, batch 1: medians, and the quartiles around them
 */
export async function speeds(
  session: Session,
  float: Graph,
  quantized: Timed,
  sample: Float32Array,
): Promise<Verification['latencyMs']> {
  if (tfliteSize(float) > TIMED_BYTES) return speedAlone(session, quantized, sample);
  const runners: FileRunner[] = [];
  try {
    for (const { bytes, graph } of [{ bytes: writeTflite(float), graph: float }, quantized])
      runners.push(await FileRunner.load(session, bytes, graph));
    const watches = runners.map((runner) => runner.stopwatch(sample));
    const times = watches.map(() => new Float64Array(ROUNDS));
    for (let round = 0; round < ROUNDS; round++) watches.forEach((watch, i) => (times[i]![round] = watch()));
    const [before, after] = times.map(spreadOf);
    return { float: before!.median, quantized: after!.median, spread: { float: before!, quantized: after! } };
  } finally {
    for (const runner of runners) runner.dispose();
  }
}

async function speedAlone(
  session: Session,
  { bytes, graph }: Timed,
  sample: Float32Array,
): Promise<Verification['latencyMs']> {
  const runner = await FileRunner.load(session, bytes, graph);
  try {
    const watch = runner.stopwatch(sample);
    const { median } = spreadOf(Float64Array.from({ length: ROUNDS }, () => watch()));
    return { float: null, quantized: median };
  } finally {
    runner.dispose();
  }
}

/** The quartiles of measured times, which a few interruptions do not move. */
export function spreadOf(times: Float64Array): Latency {
  const sorted = times.toSorted();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
