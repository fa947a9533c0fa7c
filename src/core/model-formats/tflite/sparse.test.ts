import { describe, expect, it } from 'vitest';
import { committedArchive } from '../../../testing/fixtures/golden-archives';
import { expectGolden, parseGolden } from '../../../testing/fixtures/keras-goldens';
import { normalize } from '../../graph/passes/normalize';
import { readTflite } from './read';
import { densePositions } from './sparse';
import { writeTflite } from './write';

const FILES = committedArchive('sparse.zip');
const KINDS = [...FILES.keys()].filter((path) => path.endsWith('.tflite')).map((path) => path.replace('.tflite', ''));

/** Weights of eight bits meet inputs that the interpreter rounds to eight bits, too. */
const TOLERANCE = new Map([['hybrid', 0.02]]);

/** scripts/oracles/sparse.py makes them. */
describe('sparse weights', () => {
  it.each(KINDS)("%s: are dense, and compute what TensorFlow's interpreter does", async (kind) => {
    const golden = parseGolden(FILES.get(`${kind}.npz`)!, kind);
    const graph = readTflite(FILES.get(`${kind}.tflite`)!, `${kind}.tflite`);
    expect(graph.ops.some(({ kind }) => kind === 'opaque')).toBe(false);
    expect(graph.provenance.notes).toContain('sparse weights made dense (2 tensors)');
    const tolerance = TOLERANCE.get(kind) ?? 2e-6;
    await expectGolden(graph, golden, tolerance);
    await expectGolden(readTflite(writeTflite(normalize(graph)), kind), golden, tolerance);
  });

  it('have to fit their shape', () => {
    const level = (format: number, denseSize: number, segments: number[] = [], indices: number[] = []) => ({
      format,
      denseSize,
      arraySegmentsType: 1,
      arraySegments: { table: 'Int32Vector' as const, fields: { values: Int32Array.from(segments) } },
      arrayIndicesType: 1,
      arrayIndices: { table: 'Int32Vector' as const, fields: { values: Int32Array.from(indices) } },
    });
    const rows = (...dimMetadata: ReturnType<typeof level>[]) => ({
      traversalOrder: Int32Array.of(0, 1),
      blockMap: new Int32Array(),
      dimMetadata,
    });
    // The second row of [[0, 0, 0], [0, a, b]].
    const sound = rows(level(0, 2), level(1, 0, [0, 0, 2], [1, 2]));
    expect(densePositions(sound, [2, 3], 2)).toEqual(Int32Array.of(4, 5));
    expect(densePositions(sound, [2, 2], 2)).toBeNull();
    expect(densePositions(sound, [2, 3], 3)).toBeNull();
    expect(densePositions(rows(level(0, 2)), [2, 3], 2)).toBeNull();
    expect(densePositions(rows(level(0, 2), level(1, 0, [0, 9, 9], [1])), [2, 3], 1)).toBeNull();
    expect(densePositions(rows(level(0, 2), level(0, 3)), [2, 3], 2)).toBeNull();
  });
});
