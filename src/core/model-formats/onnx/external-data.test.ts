import { describe, expect, it } from 'vitest';
import type { RangefinderError } from '../../../base/errors';
import { haveCases, readCase } from '../../../testing/fixtures/cases';
import { runAsFile } from '../../../testing/fixtures/onnx-cases';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import type { SourceFile } from '../../data/types';
import { readModel } from '../read-model';
import { externalFiles } from './external-data';

type Place = Readonly<Record<string, string>>;

/** y = x · w + v, the weights elsewhere. */
function model(w: Place, v: Place): Uint8Array {
  return writeOnnx({
    inputs: { x: [1, 2] },
    outputs: ['y'],
    weights: { w: [[2], [1, 2]], v: [[2], [3, 4]] },
    elsewhere: { w, v },
    nodes: [
      ['Mul', 'x w', 'm'],
      ['Add', 'm v', 'y'],
    ],
  });
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const BOTH = [
  { location: 'm.onnx.data', offset: '4', length: '8' },
  { location: './m.onnx.data', offset: '12', length: '8' },
] as const;
const DATA = floats(9, 10, 20, 30, 40);

async function outputOf(...files: SourceFile[]): Promise<number[]> {
  const graph = await readModel(files);
  const [y] = runAsFile(graph, new Map([['x', { shape: [1, 2], values: Float32Array.of(1, 2) }]]));
  return [...y.data];
}

async function refusal(...files: SourceFile[]): Promise<RangefinderError> {
  return readModel(files).then(
    () => expect.unreachable('was read'),
    (thrown: RangefinderError) => thrown,
  );
}

describe('values beside an ONNX model', () => {
  it.each<[string, string, string]>([
    ['beside it', 'm.onnx', 'm.onnx.data'],
    ['in one folder', 'net/m.onnx', 'net/m.onnx.data'],
    ['loose, without its folder', 'm.onnx', 'elsewhere/m.onnx.data'],
  ])('are read %s', async (_what, path, data) => {
    const files = [
      { path, bytes: model(...BOTH) },
      { path: data, bytes: DATA },
    ];
    expect(await outputOf(...files)).toEqual([40, 80]);
    expect((await readModel(files)).provenance.fileBytes).toBe(files[0].bytes.length + DATA.length);
  });

  it('may lie in several files, each used from its beginning to its end', async () => {
    const files = [
      { path: 'm.onnx', bytes: model({ location: 'a/w' }, { location: 'a/v' }) },
      { path: 'a/w', bytes: floats(10, 20) },
      { path: 'a/v', bytes: floats(30, 40) },
    ];
    expect(await outputOf(...files)).toEqual([40, 80]);
    expect(externalFiles(files[0].bytes, 'm.onnx')).toEqual(['a/w', 'a/v']);
    expect(await refusal(files[0])).toMatchObject({ code: 'missing-file', details: ['a/w', 'a/v'] });
  });

  it.each<[string, string, RegExp, Place]>([
    ['a missing file', 'missing-file', /"other.data", which did not come/, { location: 'other.data' }],
    ['a way out', 'corrupt-file', /no place beside the model/, { location: '../m.onnx.data' }],
    ['a way out in the middle', 'corrupt-file', /no place beside/, { location: 'a/../../m.onnx.data' }],
    ['an absolute path', 'corrupt-file', /no place beside/, { location: '/m.onnx.data' }],
    ['a drive', 'corrupt-file', /no place beside/, { location: 'C:m.onnx.data' }],
    ['too long a part', 'corrupt-file', /bytes 16 to 24 of "m.onnx.data", which has 20/, { ...BOTH[0], offset: '16' }],
    ['a negative offset', 'corrupt-file', /an offset of "-4"/, { ...BOTH[0], offset: '-4' }],
    ['too few bytes', 'corrupt-file', /has 4 bytes for a shape of \[2\]/, { ...BOTH[0], length: '4' }],
  ])('are refused with %s', async (_what, code, says, place) => {
    const error = await refusal(
      { path: 'm.onnx', bytes: model(place, BOTH[1]) },
      { path: 'm.onnx.data', bytes: DATA },
      { path: '../m.onnx.data', bytes: DATA },
    );
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) as string });
  });

  it.skipIf(!haveCases)("are those of PyTorch's own export", async () => {
    const graph = await readModel(
      ['torch_default.onnx', 'torch_default.onnx.data'].map((path) => ({ path, bytes: readCase(path) })),
    );
    const values = Float32Array.from({ length: 768 }, (_, i) => -1 + (2 * i) / 767);
    const [y] = runAsFile(graph, new Map([[graph.inputs[0], { shape: [1, 3, 16, 16], values }]]));
    [-0.3242448, 0.4269448, 0.0103486, -0.4301361].forEach((v, i) => expect(y.data[i]).toBeCloseTo(v, 5));
  });
});
