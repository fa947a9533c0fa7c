import { clipByValue, div, mul, round, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, offsetOf, onWasm, ownsValues, viewSync, wasmMemory } from '../heap';
import { roundComposed } from './composed';
import { roundToFormat } from './format';
import type { Grid } from './grid';
import { roundToFloat } from './kernel/kernel';
import { isFormat, type ActivationRounding } from './rounding';
import { fakeQuantKernel, type FakeQuantKernel } from './wasm-kernel';

const kernels = new WeakMap<WebAssembly.Memory, FakeQuantKernel>();

function kernelOf(memory: WebAssembly.Memory): FakeQuantKernel {
  let kernel = kernels.get(memory);
  if (!kernel) kernels.set(memory, (kernel = fakeQuantKernel(memory)));
  return kernel;
}

/** Rounds an activation to its grid. Takes `x` over: it is changed in place where that is possible, else disposed. */
export function fakeQuantize(x: Tensor, rounding: ActivationRounding): Tensor {
  if (onWasm() && ownsValues(x)) {
    onHeap(x, x, rounding);
    return x;
  }
  const quantized = fakeQuantized(x, rounding);
  x.dispose();
  return quantized;
}

/** The nearest values of a grid or format as a new tensor; `x` stays as it is. */
export function fakeQuantized(x: Tensor, rounding: ActivationRounding): Tensor {
  if (onWasm()) {
    const quantized = emptyTensor(x.shape);
    onHeap(x, quantized, rounding);
    return quantized;
  }
  return isFormat(rounding) ? roundComposed(x, rounding) : toGrid(x, rounding);
}

/** @param target may be `x` */
function onHeap(x: Tensor, target: Tensor, rounding: ActivationRounding): void {
  if (!isFormat(rounding)) {
    const { scale, zeroPoint, qmin, qmax } = rounding;
    kernelOf(wasmMemory())(offsetOf(x), offsetOf(target), x.size, scale, qmin - zeroPoint, qmax - zeroPoint);
    return;
  }
  if (roundToFloat(x, target, rounding.format, rounding.scale)) return;
  const values = viewSync(target);
  if (target !== x) values.set(viewSync(x));
  roundToFormat(values, rowOf(x), rounding);
}

function toGrid(x: Tensor, { scale, zeroPoint, qmin, qmax }: Grid): Tensor {
  return tidy(() => mul(clipByValue(round(div(x, scale)), qmin - zeroPoint, qmax - zeroPoint), scale));
}

/** Blocks lie along the last dimension. */
function rowOf(x: Tensor): number {
  return x.shape.at(-1) ?? 1;
}
