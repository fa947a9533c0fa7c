import { clipByValue, div, mul, round, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, offsetOf, onWasm, ownsValues, viewSync, wasmMemory } from '../heap';
import { roundToFormat, type FormatGrid } from './format';
import type { Grid } from './grid';
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
  return isFormat(rounding) ? toFormat(x, rounding) : toGrid(x, rounding);
}

function toGrid(x: Tensor, grid: Grid): Tensor {
  if (onWasm() && ownsValues(x)) {
    run(x, x, grid);
    return x;
  }
  const quantized = fakeQuantized(x, grid);
  x.dispose();
  return quantized;
}

/** The nearest values of a grid as a new tensor; `x` stays as it is. */
export function fakeQuantized(x: Tensor, grid: Grid): Tensor {
  const { scale, zeroPoint, qmin, qmax } = grid;
  if (!onWasm()) return tidy(() => mul(clipByValue(round(div(x, scale)), qmin - zeroPoint, qmax - zeroPoint), scale));
  const quantized = emptyTensor(x.shape);
  run(x, quantized, grid);
  return quantized;
}

function run(x: Tensor, target: Tensor, { scale, zeroPoint, qmin, qmax }: Grid): void {
  kernelOf(wasmMemory())(offsetOf(x), offsetOf(target), x.size, scale, qmin - zeroPoint, qmax - zeroPoint);
}

/** Blocks lie along the last dimension. */
function toFormat(x: Tensor, grid: FormatGrid): Tensor {
  const row = x.shape.at(-1) ?? 1;
  if (onWasm() && ownsValues(x)) {
    roundToFormat(viewSync(x), row, grid);
    return x;
  }
  const values = (x.dataSync() as Float32Array).slice();
  roundToFormat(values, row, grid);
  const quantized = tensor(values, x.shape, 'float32');
  x.dispose();
  return quantized;
}
