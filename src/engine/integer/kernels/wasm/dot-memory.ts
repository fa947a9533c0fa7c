import { KERNEL } from './dot.generated';

interface DotKernel {
  readonly memory: WebAssembly.Memory;
  heap(): number;
  accumulateRow(...args: number[]): void;
}

/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65_536;

/** The kernel of dot.as.ts with its memory, which holds one layer at a time and grows to what the largest takes. */
export class DotMemory {
  private constructor(readonly kernel: DotKernel) {}

  /** null where the platform has no WebAssembly SIMD. Compiled synchronously: it is less than a kilobyte. */
  static create(): DotMemory | null {
    if (typeof WebAssembly === 'undefined') return null;
    const bytes = Uint8Array.from(atob(KERNEL), (char) => char.charCodeAt(0));
    if (!WebAssembly.validate(bytes)) return null;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return new DotMemory(exports as unknown as DotKernel);
  }

  /** Places for parts of these sizes in bytes, one after another; what was there before is gone. */
  lay(sizes: readonly number[]): number[] {
    const { kernel } = this;
    let at = kernel.heap();
    const places = sizes.map((size) => {
      const place = at;
      at += 16 * Math.ceil(size / 16);
      return place;
    });
    const missing = at - kernel.memory.buffer.byteLength;
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
    return places;
  }

  put(at: number, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
    new Uint8Array(this.kernel.memory.buffer).set(new Uint8Array(buffer, byteOffset, byteLength), at);
  }

  /** Values in the memory, as they are until the next kernel runs. */
  int32(at: number, length: number): Int32Array {
    return new Int32Array(this.kernel.memory.buffer, at, length);
  }
}
