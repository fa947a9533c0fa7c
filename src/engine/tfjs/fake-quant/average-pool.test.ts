import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { GraphBuilder } from '../../../core/graph/build';
import type { QuantPlan } from '../../../core/quantize/plan';
import { quantizeGraph } from '../../../core/quantize/quantize-graph';
import { DEFAULT_SETTINGS } from '../../../core/quantize/settings';
import { IntegerModel } from '../../integer/model';
import { xnnpack } from '../../integer/profiles/xnnpack';
import { initBackend } from '../backend';
import { TfjsModel } from '../model';
import { nodeHost } from '../node-host';
import { simulationOf } from '../simulation';

describe('average pooling of int8 codes', () => {
  beforeAll(async () => {
    await initBackend(nodeHost());
  });

  it.each([
    { filter: [2, 2], padding: 'valid', zeroPoint: -128 },
    { filter: [2, 2], padding: 'same', zeroPoint: 3 },
    { filter: [3, 3], padding: 'same', zeroPoint: 127 },
    { filter: [4, 2], padding: 'same', zeroPoint: 0 },
  ] as const)('rounds as the runtime does, ties too: $filter $padding, zero point $zeroPoint', async (spec) => {
    const before = memory().numTensors;
    const [size, depth] = [7, 5];
    const b = new GraphBuilder('pool');
    const x = b.input('x', [-1, size, size, depth]);
    const [y] = b.op('averagePool2d', 'pool', [x], { filter: spec.filter, strides: [1, 1], padding: spec.padding });
    const graph = b.build([y]);
    const scale = 0.037;
    const params = { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(spec.zeroPoint), quantizedDimension: 0 };
    const range = { min: scale * (-128 - spec.zeroPoint), max: scale * (127 - spec.zeroPoint) };
    const plan: QuantPlan = {
      activations: {
        x: { tensor: 'x', range, params, origin: 'estimated' },
        [y]: { tensor: y, range, params, origin: 'shared', sharedWith: 'x' },
      },
      weights: {},
      keptFloat: [],
      notes: [],
    };
    const quantized = quantizeGraph(graph, plan, DEFAULT_SETTINGS);
    const random = new Random(6);
    const codes = Int8Array.from({ length: 20 * size * size * depth }, () => random.integer(256) - 128);
    const exact = IntegerModel.load(quantized, xnnpack).run(new Map([[quantized.inputs[0], codes]]));
    const expected = exact.get(quantized.outputs[0])!.data as Int8Array;

    const model = TfjsModel.load(graph, { simulate: simulationOf(graph, plan) });
    const values = Float32Array.from(codes, (q) => Math.fround(params.scale[0] * (q - spec.zeroPoint)));
    const run = await model.run({ size: 20, inputs: new Map([['x', values]]) }, [y]);
    model.dispose();
    const actual = Array.from(run.get(y)!.data as Float32Array, (v) => Math.round(v / scale) + spec.zeroPoint);
    expect(actual).toEqual([...expected]);
    expect(memory().numTensors).toBe(before);
  });
});
