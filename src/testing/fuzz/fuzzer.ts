/** Opens seeded mutants, one after another, and tells what is wrong with the reader. */
import { Random } from '../../base/random';
import type { SourceFile } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { watchAllocations, type Allocations } from './allocations';
import type { FuzzedReader } from './readers';
import type { Specimen } from './specimen';

/** The first of them go through all specimens in turn, this often; then small ones are taken more often than large. */
const ROUNDS = 20;
/** Bytes by which each specimen counts as larger than it is. */
const WEIGHT_FLOOR = 4096;

/** One allocation may be this many times the files, and this much in any case: buffers of fixed size. */
export const ALLOCATION_FACTOR = 4;
export const ALLOCATION_FLOOR = 2 ** 22;
/** WebAssembly memories grow ahead of what is asked for. */
export const WASM_FLOOR = 2 ** 24;
/** Processor time that opening a mutant may take, ms: in any case, and per byte. */
export const MOST_TIME = 2000;
export const MOST_TIME_PER_BYTE = 0.001;
/** What working with it may take: processor time, ms, and one allocation, bytes. */
export const MOST_TIME_OF_USE = 20_000;
export const MOST_ALLOCATION_OF_USE = 2 ** 28;

export interface Finding {
  readonly reader: string;
  readonly mutant: number;
  readonly specimen: string;
  readonly problem: string;
}

export interface Tally {
  mutants: number;
  /** 'opened', how far use went, or the code of the error; that of use with "later: " before it. */
  readonly outcomes: Record<string, number>;
  readonly findings: Finding[];
  /** The largest single allocation, as a multiple of the files. */
  largest: number;
  /** All allocations of one mutant, likewise. */
  total: number;
  /** Processor time of the slowest, ms. */
  slowest: number;
}

export const emptyTally = (): Tally => ({ mutants: 0, outcomes: {}, findings: [], largest: 0, total: 0, slowest: 0 });

export class Fuzzer {
  private readonly cumulative: number[] = [];

  private constructor(
    private readonly reader: FuzzedReader,
    private readonly specimens: readonly Specimen[],
    private readonly seed: number,
    private readonly mostTime: number,
  ) {
    let sum = 0;
    for (const { size } of specimens) this.cumulative.push((sum += 1 / (WEIGHT_FLOOR + size)));
  }

  /** @param mostTime ms of processor time from which on a mutant is a finding, besides what its size allows */
  static async of(reader: FuzzedReader, seed: number, mostTime = Infinity): Promise<Fuzzer> {
    return new Fuzzer(reader, await reader.specimens(), seed, mostTime);
  }

  /** The files of one mutant; the same for a seed and an index, whatever was opened before. */
  mutant(index: number): { specimen: Specimen; files: SourceFile[] } {
    const random = new Random(this.seed, index);
    const { specimens, cumulative } = this;
    const draw = random.uniform(0, cumulative.at(-1));
    const at = index < ROUNDS * specimens.length ? index % specimens.length : cumulative.findIndex((sum) => draw < sum);
    const specimen = specimens.at(at)!;
    return { specimen, files: specimen.mutant(random) };
  }

  /** Opens the mutants `from` to `to`, not including; `before` hears of each. */
  async run(from: number, to: number, tally: Tally, before?: (index: number) => void): Promise<void> {
    const watch = watchAllocations();
    try {
      for (let index = from; index < to; index++) {
        before?.(index);
        await this.open(index, watch.now, tally);
      }
    } finally {
      watch.stop();
    }
  }

  private async open(index: number, now: Allocations, tally: Tally) {
    const { specimen, files } = this.mutant(index);
    const size = Math.max(
      specimen.size,
      files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
    const report = (problem: string) =>
      tally.findings.push({ reader: this.reader.id, mutant: index, specimen: specimen.name, problem });
    const limit = ALLOCATION_FACTOR * size + ALLOCATION_FLOOR;
    Object.assign(now, { largest: 0, total: 0, limit, place: '', wasm: 0 });
    const before = process.cpuUsage();
    const timeSince = () => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    let outcome = 'opened';
    let read: (Allocations & { time: number }) | undefined;
    try {
      const use = await this.reader.open(files);
      read = { ...now, time: timeSince() };
      Object.assign(now, { largest: 0, limit: MOST_ALLOCATION_OF_USE, place: '' });
      outcome = (await use()) ?? outcome;
    } catch (thrown) {
      const code = thrown instanceof RangefinderError ? thrown.code : 'untyped';
      outcome = read ? `later: ${code}` : code;
      if (code === 'untyped') report(`untyped error: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      else if (code === 'internal' || code === 'runtime-failed') report(`error of code ${code}: ${withCause(thrown)}`);
    }
    const { largest, total, place, wasm, time } = read ?? { ...now, time: timeSince() };
    const rest = timeSince() - time;
    if (time > this.mostTime + size * MOST_TIME_PER_BYTE) report(`${Math.round(time)} ms for ${size} bytes`);
    if (rest > Math.max(this.mostTime, MOST_TIME_OF_USE)) report(`${Math.round(rest)} ms of use for ${size} bytes`);
    if (largest > limit) report(`an allocation of ${largest} bytes for ${size} bytes${callers(place)}`);
    if (read && now.place !== '') report(`an allocation of ${now.largest} bytes in use${callers(now.place)}`);
    if (wasm > ALLOCATION_FACTOR * size + WASM_FLOOR) report(`WebAssembly grew by ${wasm} bytes for ${size} bytes`);
    tally.mutants++;
    tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
    tally.largest = Math.max(tally.largest, largest / Math.max(size, ALLOCATION_FLOOR));
    tally.total = Math.max(tally.total, total / Math.max(size, ALLOCATION_FLOOR));
    tally.slowest = Math.max(tally.slowest, time + rest);
  }
}

/** The error, and what it was made of. */
function withCause(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return String(thrown) + (cause instanceof Error ? `\n    ${cause.stack}` : '');
}

/** The part of a stack below the watch itself. */
function callers(stack: string): string {
  const lines = stack.split('\n').slice(1);
  return ['', ...lines.filter((line) => !line.includes('fuzz/allocations') && line.includes('/src/'))].join('\n');
}
