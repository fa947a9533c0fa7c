import type { Graph } from '../../core/graph/graph';
import { writeTflite } from '../../core/model-formats/tflite/write';
import type { Latency, Verification } from '../contract/protocol';
import { isWorthARound } from '../../engine/latency-rounds';
import { FileRunner } from '../session/file-runner';
import type { Session } from '../session/session';

/** Rounds of each file, where time allows. */
const ROUNDS = 25;

/**
 * The float model and the file in turns, round by round, so that whatever else the machine is doing slows both alike.
 * @returns milliseconds of one inference, batch 1: medians, and the quartiles around them
 */
export async function speeds(
  session: Session,
  float: Graph,
  quantized: FileRunner,
  sample: Float32Array,
): Promise<Verification['latencyMs']> {
  const original = await FileRunner.load(session, writeTflite(float), float);
  try {
    const watches = [original, quantized].map((runner) => runner.stopwatch(sample));
    const times = watches.map((): number[] => []);
    const started = performance.now();
    const perModel = () => (performance.now() - started) / watches.length;
    for (let round = 0; round < ROUNDS && isWorthARound(round, perModel()); round++)
      watches.forEach((watch, i) => times[i]!.push(watch()));
    const [before, after] = times.map(spreadOf);
    return { float: before!.median, quantized: after!.median, spread: { float: before!, quantized: after! } };
  } finally {
    original.dispose();
  }
}

/** The quartiles of measured times, which a few interruptions do not move. */
export function spreadOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
