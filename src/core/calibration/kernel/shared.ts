import type { StatisticsKernel } from './kernel';
import { ScalarKernel } from './scalar';
import { WasmKernel } from './wasm';

let shared: StatisticsKernel | undefined;

/** One kernel serves all observers of a thread: WebAssembly with SIMD where there is any, else plain TypeScript. */
export function statisticsKernel(): StatisticsKernel {
  return (shared ??= WasmKernel.create() ?? new ScalarKernel());
}
