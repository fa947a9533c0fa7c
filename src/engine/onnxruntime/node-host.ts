import type { OnnxRuntime } from './host';

/** The build for Node, which finds its WebAssembly beside itself. */
export function nodeOnnxRuntime(): Promise<OnnxRuntime> {
  return import('onnxruntime-web');
}
