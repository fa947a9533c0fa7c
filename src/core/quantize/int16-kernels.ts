/** Ops that LiteRT computes on activations of 16 bits beside weights of 8 (its kernels' Prepare functions). */
import type { OpKind } from '../graph/ops/attrs';

const INT16_KERNELS: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['conv2d', 'depthwiseConv2d', 'transposeConv2d', 'fullyConnected', 'batchMatMul'] as const),
  ...(['add', 'sub', 'mul', 'maximum', 'minimum', 'abs', 'exp', 'rsqrt'] as const),
  ...(['relu', 'relu6', 'leakyRelu', 'sigmoid', 'tanh', 'softmax'] as const),
  ...(['averagePool2d', 'maxPool2d', 'mean', 'reduceMax', 'reduceMin', 'sum'] as const),
  ...(['reshape', 'transpose', 'slice', 'stridedSlice', 'split', 'pack', 'unpack', 'gather', 'concat'] as const),
  ...(['pad', 'mirrorPad', 'resizeBilinear', 'resizeNearest', 'quantize', 'dequantize'] as const),
]);

export function hasInt16Kernel(kind: OpKind): boolean {
  return INT16_KERNELS.has(kind);
}
