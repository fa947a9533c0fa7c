import { clipByValue, div, mul, round, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { offsetOf, onWasm, ownsValues, wasmMemory } from '../heap';
import type { Grid } from './grid';
import { fakeQuantKernel, type FakeQuantKernel } from './wasm-kernel';

const kernels = new WeakMap<WebAssembly.Memory, FakeQuantKernel>();

function kernelOf(memory: WebAssembly.Memory): FakeQuantKernel {
  let kernel = kernels.get(memory);
  if (!kernel) kernels.set(memory, (kernel = fakeQuantKernel(memory)));
  return kernel;
}

/** Rounds an activation to its grid. Takes `x` over: it is changed in place where that is possible, else disposed. */
export function fakeQuantize(x: Tensor, grid: Grid): Tensor {
  const { scale, zeroPoint } = grid;
  const low = grid.qmin - zeroPoint;
  const high = grid.qmax - zeroPoint;
  if (!onWasm()) {
    const quantized = tidy(() => mul(clipByValue(round(div(x, scale)), low, high), scale));
    x.dispose();
    return quantized;
  }
  const kernel = kernelOf(wasmMemory());
  if (ownsValues(x)) {
    const at = offsetOf(x);
    kernel(at, at, x.size, scale, low, high);
    return x;
  }
  const quantized = tidy(() => mul(x, 1)); // the quickest op that allocates a tensor of this shape
  const at = offsetOf(quantized);
  kernel(at, at, x.size, scale, low, high);
  x.dispose();
  return quantized;
}
