import { heapKernel } from '../../heap-kernel';
import { KERNEL } from './gradients.generated';

/** What gradients.as.ts exports. Addresses are byte offsets into tfjs' heap, of float32 arrays. */
export interface GradientKernels {
  /** Writes three float32 at `sums`. */
  roundingGradient(
    ...args: [
      v: number,
      rounded: number,
      dy: number,
      dx: number,
      count: number,
      low: number,
      high: number,
      floor: number,
      ceil: number,
      sums: number,
    ]
  ): void;
  clampGradient(...args: [y: number, dy: number, dx: number, count: number, floor: number, ceil: number]): void;
  /** Writes smallest and largest, two float32, at `out`. */
  extrema(x: number, count: number, out: number): void;
  columnSums(x: number, planes: number, rows: number, columns: number, out: number): void;
  repeatRows(x: number, planes: number, rows: number, columns: number, factor: number, out: number): void;
  columnProducts(
    ...args: [x: number, a: number, y: number, b: number, rows: number, columns: number, out: number]
  ): void;
  columnAffine(
    ...args: [
      x: number,
      a: number,
      y: number,
      b: number,
      d: number,
      rows: number,
      columns: number,
      floor: number,
      ceil: number,
      out: number,
    ]
  ): void;
  convFilterGradient(
    ...args: [
      x: number,
      dy: number,
      dw: number,
      batch: number,
      height: number,
      width: number,
      depth: number,
      xStride: number,
      outHeight: number,
      outWidth: number,
      filters: number,
      yStride: number,
      wStride: number,
      ...Taps,
    ]
  ): void;
  depthwiseFilterGradient(
    ...args: [
      x: number,
      dy: number,
      dw: number,
      batch: number,
      height: number,
      width: number,
      channels: number,
      outHeight: number,
      outWidth: number,
      ...Taps,
    ]
  ): void;
}

type Taps = [
  kernelHeight: number,
  kernelWidth: number,
  strideHeight: number,
  strideWidth: number,
  dilationHeight: number,
  dilationWidth: number,
  top: number,
  left: number,
];

/** The kernels on the memory of the running backend, which must be wasm. */
export const gradientKernels = heapKernel<GradientKernels>(KERNEL);
