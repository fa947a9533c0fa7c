import { KERNEL } from './kernel.generated';
import { BLOCK, EMPTY_BLOCK, MAX_BINS, type BlockSummary, type StatisticsKernel } from './kernel';

interface Exports {
  readonly memory: WebAssembly.Memory;
  valuesAt(): number;
  countsAt(): number;
  summaryAt(): number;
  scan(n: number): number;
  bin(n: number, inverseWidth: number, origin: number): void;
  flush(): void;
}

/** The kernel in WebAssembly (statistics.as.ts). Values are copied into its memory block by block. */
export class WasmKernel implements StatisticsKernel {
  private readonly values: Float32Array;
  private readonly counts: Uint32Array;
  private readonly summary: Float64Array;
  private count = 0;

  private constructor(private readonly wasm: Exports) {
    const { buffer } = wasm.memory;
    this.values = new Float32Array(buffer, wasm.valuesAt(), BLOCK);
    this.counts = new Uint32Array(buffer, wasm.countsAt(), MAX_BINS);
    this.summary = new Float64Array(buffer, wasm.summaryAt(), 5);
  }

  /** null where the platform has no WebAssembly SIMD. Compiled synchronously: it is about a kilobyte. */
  static create(): WasmKernel | null {
    if (typeof WebAssembly === 'undefined') return null;
    const bytes = Uint8Array.from(atob(KERNEL), (char) => char.charCodeAt(0));
    if (!WebAssembly.validate(bytes)) return null;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return new WasmKernel(exports as unknown as Exports);
  }

  load(values: Float32Array): BlockSummary {
    this.values.set(values);
    this.count = values.length;
    if (this.count === 0) return EMPTY_BLOCK;
    if (this.wasm.scan(this.count) === 0) {
      this.count = keepFinite(this.values, this.count);
      if (this.count === 0) return EMPTY_BLOCK;
      this.wasm.scan(this.count);
    }
    const [min, max, differences, squares, zeros] = this.summary;
    const shift = differences / this.count;
    return {
      count: this.count,
      min,
      max,
      mean: this.values[0] + shift,
      squares: Math.max(0, squares - differences * shift),
      zeros,
    };
  }

  bin(inverseWidth: number, origin: number): void {
    this.wasm.bin(this.count, inverseWidth, origin);
  }

  flush(counts: Float64Array): void {
    this.wasm.flush();
    for (let i = 0; i < counts.length; i++) counts[i] += this.counts[i];
  }
}

/** Moves the finite ones of the first n values to the front; returns how many there are. */
function keepFinite(values: Float32Array, n: number): number {
  let kept = 0;
  for (let i = 0; i < n; i++) if (Number.isFinite(values[i])) values[kept++] = values[i];
  return kept;
}
