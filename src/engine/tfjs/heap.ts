/** Direct access to the wasm backend's memory, where its tensors lie as plain arrays. */
import { backend, engine, getBackend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** The parts of tfjs' BackendWasm that are used here; `asm` is what emscripten keeps of the instance's exports. */
interface WasmBackend {
  readonly wasm: { readonly asm: { readonly memory: WebAssembly.Memory } };
  getMemoryOffset(dataId: object): number;
  refCount(dataId: object): number;
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
}

function wasmBackend(): WasmBackend {
  return backend() as unknown as WasmBackend;
}

export function onWasm(): boolean {
  return getBackend() === 'wasm';
}

export function wasmMemory(): WebAssembly.Memory {
  return wasmBackend().wasm.asm.memory;
}

/** Byte offset of a tensor's values. */
export function offsetOf(x: Tensor): number {
  return wasmBackend().getMemoryOffset(x.dataId);
}

/** Whether no other tensor (a reshape, a clone) shares these values, so that they may be changed in place. */
export function ownsValues(x: Tensor): boolean {
  return wasmBackend().refCount(x.dataId) === 1;
}

/**
 * The values of a float32 tensor. On wasm a view of the heap, without a copy: valid until the tensor is disposed or the
 * next tfjs call (growing the heap detaches it).
 */
export function viewSync(x: Tensor): Float32Array {
  if (!onWasm()) return x.dataSync() as Float32Array;
  return new Float32Array(wasmMemory().buffer, offsetOf(x), x.size);
}

/** A float32 tensor on wasm whose values are whatever the heap held: for a kernel that writes all of them. */
export function emptyTensor(shape: readonly number[]): Tensor {
  const info = wasmBackend().makeOutput([...shape], 'float32');
  return engine().makeTensorFromTensorInfo(info, backend());
}
