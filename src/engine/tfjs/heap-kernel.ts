import { onWasm, wasmMemory } from './heap';

/**
 * A module compiled by scripts/build-kernel.mjs, bound to the memory of the running backend, which must be wasm; once for
 * each memory. Compiled synchronously: a few kilobytes.
 * @param module base64
 */
export function heapKernel<Exports>(module: string): () => Exports {
  const bound = new WeakMap<WebAssembly.Memory, Exports>();
  return () => {
    if (!onWasm()) throw new Error('kernels on the heap need the wasm backend');
    const memory = wasmMemory();
    let exports = bound.get(memory);
    if (!exports) {
      const bytes = Uint8Array.from(atob(module), (char) => char.charCodeAt(0));
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      bound.set(memory, (exports = { ...instance.exports } as Exports));
    }
    return exports;
  };
}
