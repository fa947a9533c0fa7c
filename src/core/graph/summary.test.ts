import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { readTflite } from '../model-formats/tflite/read';
import { GraphBuilder } from './build';
import { BATCH } from './graph';
import { normalize } from './passes/normalize';
import { macCount, parameterCount } from './summary';

describe('parameterCount and macCount', () => {
  it('count each op, and shared constants once in total', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [BATCH, 8, 8, 4]);
    const w = b.constant('w', new Float32Array(6 * 9 * 2), [6, 3, 3, 2]);
    const bias = b.constant('bias', new Float32Array(6), [6]);
    const attrs = { strides: [2, 2], dilations: [1, 1], padding: 'same', groups: 2 } as const;
    const [one] = b.op('conv2d', 'one', [x, w, bias], attrs);
    const [two] = b.op('conv2d', 'two', [x, w], attrs);
    const up = b.constant('up', new Float32Array(5 * 9 * 6), [5, 3, 3, 6]);
    const [big] = b.op('transposeConv2d', 'big', [one, up], { strides: [2, 2], padding: 'same', outputSize: [8, 8] });
    const [sum] = b.op('add', 'sum', [two, b.constant('c', [1], [])], {});
    const graph = b.build([big, sum]);
    const counts = graph.ops.map((op) => [parameterCount(graph, op), macCount(graph, op)]);
    expect(counts).toEqual([
      [6 * 9 * 2 + 6, 4 * 4 * 6 * 9 * 2],
      [6 * 9 * 2, 4 * 4 * 6 * 9 * 2],
      [5 * 9 * 6, 4 * 4 * 5 * 9 * 6],
      [0, 0],
    ]);
    expect(parameterCount(graph)).toBe(6 * 9 * 2 + 6 + 5 * 9 * 6);
    expect(macCount(graph)).toBe(2 * 4 * 4 * 6 * 9 * 2 + 4 * 4 * 5 * 9 * 6);
  });
});

// MLPerf Tiny's published architectures.
describe.skipIf(!haveFixtures)('reference models', () => {
  it.each([
    ['kws/trained_models/kws_ref_model_float32', 2_656_768],
    ['ic/trained_models/pretrainedResnet', 12_501_632],
    ['ic/trained_models/pretrainedResnet_quant', 12_501_632],
    ['vww/trained_models/vww_96_float', 7_489_664],
    ['ad/trained_models/ad01_fp32', 264_192],
  ])('%s has %d multiply-accumulates, normalized or not', (name, macs) => {
    const graph = readTflite(readFixture(`mlperf_tiny/${name}.tflite`), name);
    expect(macCount(graph)).toBe(macs);
    if (!name.endsWith('quant')) expect(macCount(normalize(graph))).toBe(macs);
  });
});
