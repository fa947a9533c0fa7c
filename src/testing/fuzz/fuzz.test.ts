/** A short run of `npm run fuzz`, of the files made here alone, and of what it is made of. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { RangefinderError } from '../../base/errors';
import { writeOnnx } from '../builders/onnx-writer';
import { watchAllocations } from './allocations';
import { mutateBytes, mutateText, textRuns } from './byte-mutations';
import { emptyTally, Fuzzer } from './fuzzer';
import { mutateJson } from './json-mutations';
import { mutateProtobuf } from './protobuf-mutations';
import { FUZZED_READERS, wholeWays, type FuzzedReader } from './readers';
import { Specimen } from './specimen';

const MUTANTS = 300;
/** Of those that are gone on with, which takes a tenth of a second each. */
const RUN = 3;

/** The reader with small files only. */
function ofSmallFiles(reader: FuzzedReader): FuzzedReader {
  const small = async () => (await reader.specimens()).filter(({ size }) => size < 30_000).slice(0, 150);
  return { ...reader, specimens: small };
}

describe('mutants of small files', () => {
  it.each(FUZZED_READERS.map((reader) => [reader.id, reader] as const))(
    '%s: none is a finding',
    async (_id, reader) => {
      const tally = emptyTally();
      await (await Fuzzer.of(ofSmallFiles(reader), 5)).run(0, MUTANTS, tally);
      expect(tally.findings).toEqual([]);
      expect(tally.mutants).toBe(MUTANTS);
      // The damage is neither invisible nor always fatal.
      expect(tally.outcomes.opened).toBeGreaterThan(MUTANTS / 100);
      expect(tally.outcomes.opened).toBeLessThan(MUTANTS);
    },
  );
});

it('mutants of one small network, taken to the verified file in each format, are no findings', async () => {
  const tally = emptyTally();
  for (const reader of wholeWays()) {
    const specimens = async () => (await reader.specimens()).filter(({ name }) => name === 'one network');
    await (await Fuzzer.of({ ...reader, specimens }, 3)).run(0, RUN, tally);
  }
  expect(tally.findings).toEqual([]);
  expect(tally.outcomes.verified).toBeGreaterThan(0);
});

describe('the fuzzer', () => {
  const reader = (open: FuzzedReader['open']): FuzzedReader => ({
    id: 'test',
    specimens: async () => [new Specimen('a', [{ path: 'a', bytes: new Uint8Array(100) }])],
    open,
  });
  const findings = async (open: FuzzedReader['open']) => {
    const tally = emptyTally();
    await (await Fuzzer.of(reader(open), 1)).run(0, 1, tally);
    return tally.findings.map(({ problem }) => problem.split('\n')[0]);
  };

  it('finds errors that are not typed, and large allocations', async () => {
    const fine = async () => undefined;
    expect(await findings(async () => fine)).toEqual([]);
    expect(await findings(() => Promise.reject(new RangefinderError({ code: 'corrupt-file', message: '' })))).toEqual(
      [],
    );
    expect(await findings(() => Promise.reject(new TypeError('oh')))).toEqual(['untyped error: TypeError: oh']);
    expect(
      await findings(async () => async () => {
        throw new RangefinderError({ code: 'internal', message: 'oh' });
      }),
    ).toEqual(['error of code internal: RangefinderError: oh']);
    expect(await findings(async () => (new Float64Array(2 ** 20), fine))).toEqual([
      'an allocation of 8388608 bytes for 100 bytes',
    ]);
  });

  it('makes the same mutant of a seed and a number, and another of the next', async () => {
    const make = async (seed: number, index: number) =>
      (
        await Fuzzer.of(
          FUZZED_READERS.find(({ id }) => id === 'csv')!,
          seed,
        )
      ).mutant(index).files;
    expect(await make(3, 1000)).toEqual(await make(3, 1000));
    expect(await make(3, 1000)).not.toEqual(await make(3, 1001));
    expect(await make(3, 1000)).not.toEqual(await make(4, 1000));
  });
});

describe('the watch over allocations', () => {
  it('counts constructors, copies and arrays of a length, and gives the originals back', () => {
    const { Float32Array: original } = globalThis;
    const watch = watchAllocations();
    const counted = (allocate: () => unknown) => {
      Object.assign(watch.now, { largest: 0, total: 0 });
      allocate();
      return [watch.now.largest, watch.now.total];
    };
    const buffer = new ArrayBuffer(64);
    try {
      expect(counted(() => new Float32Array(10))).toEqual([40, 40]);
      expect(counted(() => new Float32Array(buffer))).toEqual([0, 0]);
      expect(counted(() => new Float64Array(buffer).slice(2))).toEqual([48, 48]);
      expect(counted(() => Int16Array.from([1, 2, 3]).map((v) => v))).toEqual([6, 12]);
      expect(counted(() => Array.from({ length: 5 }))).toEqual([40, 40]);
      expect(new Float32Array(1) instanceof original).toBe(true);
    } finally {
      watch.stop();
    }
    expect(globalThis.Float32Array).toBe(original);
    expect(new Float32Array(1).constructor).toBe(original);
  });
});

describe('mutations', () => {
  const times = (n: number, make: (random: Random) => Uint8Array | string) =>
    Array.from({ length: n }, (_, i) => make(new Random(9, i)));

  it('of bytes leave the original alone', () => {
    const original = Uint8Array.from({ length: 200 }, (_, i) => i);
    const copy = original.slice();
    for (const mutant of times(200, (random) => mutateBytes(original, random))) expect(mutant).not.toBe(original);
    expect(original).toEqual(copy);
  });

  it('of text stay within the text', () => {
    const bytes = new TextEncoder().encode('\0\0\0"units": 128, "rate": 0.5\0\0\0');
    const runs = textRuns(bytes);
    expect(runs).toEqual([[3, 28]]);
    for (const mutant of times(200, (random) => mutateText(bytes, runs, random)) as Uint8Array[])
      expect([...mutant.subarray(0, 3), ...mutant.subarray(28)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('of JSON stay JSON, of Protocol Buffers messages', () => {
    const json = JSON.stringify({ a: [1, 2, { b: 'text' }], c: null });
    for (const mutant of times(300, (random) => mutateJson(json, random)))
      if (mutant !== '') JSON.parse(mutant as string);
    const onnx = writeOnnx({ inputs: { x: [1, 4] }, outputs: ['y'], nodes: [['Relu', 'x', 'y']] });
    const mutants = times(300, (random) => mutateProtobuf(onnx, random)!);
    expect(new Set(mutants.map(String)).size).toBeGreaterThan(200);
    const again = mutants.map((mutant) => mutateProtobuf(mutant as Uint8Array, new Random(1)));
    expect(again.filter((mutant) => mutant === null).length).toBeLessThan(5);
  });
});
