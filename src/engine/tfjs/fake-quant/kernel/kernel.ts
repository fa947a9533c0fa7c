import { largestOf, type AnyFormat } from '../../../../core/number-formats/format';
import { offsetOf } from '../../heap';
import { heapKernel } from '../../heap-kernel';
import type { Tensor } from '@tensorflow/tfjs-core';
import { KERNEL } from './float.generated';

/** What float.as.ts exports. Addresses are byte offsets into tfjs' heap, of float32 arrays. */
interface FloatKernel {
  roundToFloat(
    ...args: [x: number, out: number, count: number, scale: number, largest: number, lowest: number, shift: number]
  ): void;
}

const floatKernel = heapKernel<FloatKernel>(KERNEL);

/** Beyond it the number that rounds a value is none: wider formats (bfloat16) are rounded by the plain loop. */
const LARGEST = 2 ** 64;

/** Rounds `x` into `target`, which may be the same, where the format is one that the kernel knows; else does nothing. */
export function roundToFloat(x: Tensor, target: Tensor, format: AnyFormat, scale: number): boolean {
  if (format.kind !== 'float' || largestOf(format) > LARGEST) return false;
  const shift = (23 - format.mantissaBits) << 23;
  const lowest = 128 - format.bias;
  floatKernel().roundToFloat(offsetOf(x), offsetOf(target), x.size, scale, largestOf(format), lowest, shift);
  return true;
}
