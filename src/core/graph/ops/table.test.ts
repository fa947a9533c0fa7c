import { describe, expect, it } from 'vitest';
import type { OpKind } from './attrs';
import { OPS } from './table';

const kinds = Object.keys(OPS) as OpKind[];
const ruled = (rule: string) => kinds.filter((kind) => OPS[kind].quant.kind === rule).sort();

describe('OPS', () => {
  it('defines each kind under its own name', () => {
    for (const kind of kinds) expect(OPS[kind].kind).toBe(kind);
    expect(new Set(kinds.map((kind) => OPS[kind].label)).size).toBe(kinds.length);
  });

  // LiteRT 8-bit quantization specification.
  it('constrains outputs as the specification says', () => {
    expect(ruled('weighted')).toEqual(['conv2d', 'depthwiseConv2d', 'fullyConnected', 'transposeConv2d']);
    expect(ruled('same-scale')).toEqual(
      [
        ...['averagePool2d', 'maxPool2d', 'concat', 'split', 'reshape', 'pad', 'transpose', 'slice', 'stridedSlice'],
        ...['resizeBilinear', 'resizeNearest', 'spaceToDepth', 'depthToSpace', 'reduceMax', 'reduceMin'],
        ...['maximum', 'minimum', 'gather', 'tile', 'pack', 'unpack', 'mirrorPad', 'topK', 'select'],
        ...['gatherNd', 'broadcastTo', 'reverse', 'spaceToBatch', 'batchToSpace'],
      ].sort(),
    );
    expect(ruled('free')).toEqual(
      [
        ...['add', 'sub', 'mul', 'squaredDifference', 'batchMatMul', 'mean', 'sum', 'exp', 'abs', 'quantize'],
        ...['relu', 'relu6', 'reluN1To1', 'relu0To1', 'leakyRelu', 'prelu', 'hardSwish', 'gelu'],
        ...['argMax', 'argMin'],
      ].sort(),
    );
    expect(ruled('float-only')).toEqual(
      [
        ...['elu', 'div', 'pow', 'log', 'sqrt', 'rsqrt', 'square', 'neg', 'cast', 'cumsum', 'floorDiv', 'floorMod'],
        ...['floor', 'ceil', 'round', 'sign', 'sin', 'cos', 'reduceAny', 'reduceAll', 'reduceProd'],
        ...['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'],
        ...['logicalAnd', 'logicalOr', 'logicalNot', 'opaque'],
      ].sort(),
    );
    expect(OPS.softmax.quant).toEqual({ kind: 'fixed-output', scale: 1 / 256, zeroPoint: -128 });
    expect(OPS.sigmoid.quant).toEqual({ kind: 'fixed-output', scale: 1 / 256, zeroPoint: -128 });
    expect(OPS.logSoftmax.quant).toEqual({ kind: 'fixed-output', scale: 16 / 256, zeroPoint: 127 });
    expect(OPS.l2Normalization.quant).toEqual({ kind: 'fixed-output', scale: 1 / 128, zeroPoint: 0 });
    expect(OPS.tanh.quant).toEqual({ kind: 'fixed-output', scale: 1 / 128, zeroPoint: 0 });
    const axes = ruled('weighted').map((kind) => (OPS[kind].quant as { axis: number }).axis);
    expect(axes).toEqual([0, 3, 0, 0]);
  });
});
