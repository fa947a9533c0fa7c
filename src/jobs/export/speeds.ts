import type { Graph } from '../../core/graph/graph';
import { tfliteSize, writeTflite } from '../../core/model-formats/tflite/write';
import type { Latency, Verification } from '../contract/protocol';
import { isWorthARound } from '../../engine/latency-rounds';
import { FileRunner } from '../session/file-runner';
import type { Session } from '../session/session';

/** Rounds of each file, where time allows. */
const ROUNDS = 25;

/**
 * Bytes of a float model that is timed. LiteRT holds it three times over, as it came, copied and packed for its kernels; of
 * a larger one that is more memory than knowing its speed is worth.
 */
const TIMED_BYTES = 64 * 2 ** 20;

/**
 * The float model and the file in turns, round by round, so that whatever else the machine is doing slows both alike. A
 * large float model is not timed.
 * @returns milliseconds of one inference, batch 1: medians, and the quartiles around them
 */
export async function speeds(
  session: Session,
  float: Graph,
  quantized: FileRunner,
  sample: Float32Array,
): Promise<Verification['latencyMs']> {
  if (tfliteSize(float) > TIMED_BYTES) {
    const [{ median }] = timed([quantized], sample) as [Latency];
    return { float: null, quantized: median };
  }
  const original = await FileRunner.load(session, writeTflite(float), float);
  try {
    const [before, after] = timed([original, quantized], sample);
    return { float: before.median, quantized: after.median, spread: { float: before, quantized: after } };
  } finally {
    original.dispose();
  }
}

/** Each round runs each file once. */
function timed(runners: readonly FileRunner[], sample: Float32Array): Latency[] {
  const watches = runners.map((runner) => runner.stopwatch(sample));
  const times = watches.map((): number[] => []);
  const started = performance.now();
  const perModel = () => (performance.now() - started) / watches.length;
  for (let round = 0; round < ROUNDS && isWorthARound(round, perModel()); round++)
    watches.forEach((watch, i) => times[i].push(watch()));
  return times.map(spreadOf);
}

/** The quartiles of measured times, which a few interruptions do not move. */
export function spreadOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
