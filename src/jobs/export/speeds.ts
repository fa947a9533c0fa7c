import type { Graph } from '../../core/graph/graph';
import type { Latency, Verification } from '../contract/protocol';
import { isWorthARound } from '../../engine/latency-rounds';
import { FileRunner } from '../session/file-runner';
import type { Session } from '../session/session';

/** Rounds of each file, where time allows. */
const ROUNDS = 25;

interface Timed {
  readonly bytes: Uint8Array;
  readonly graph: Graph;
}

/**
 * Both files in turns, round by round, so that whatever else the machine is doing slows both alike.
 * @returns milliseconds of one inference, batch 1: medians, and the quartiles around them
 */
export async function speeds(
  session: Session,
  float: Timed,
  quantized: Timed,
  sample: Float32Array,
): Promise<Verification['latencyMs']> {
  const runners: FileRunner[] = [];
  try {
    for (const { bytes, graph } of [float, quantized]) runners.push(await FileRunner.load(session, bytes, graph));
    const watches = runners.map((runner) => runner.stopwatch(sample));
    const times = watches.map((): number[] => []);
    const started = performance.now();
    const perModel = () => (performance.now() - started) / watches.length;
    for (let round = 0; round < ROUNDS && isWorthARound(round, perModel()); round++)
      watches.forEach((watch, i) => times[i]!.push(watch()));
    const [before, after] = times.map(spreadOf);
    return { float: before!.median, quantized: after!.median, spread: { float: before!, quantized: after! } };
  } finally {
    for (const runner of runners) runner.dispose();
  }
}

/** The quartiles of measured times, which a few interruptions do not move. */
export function spreadOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
