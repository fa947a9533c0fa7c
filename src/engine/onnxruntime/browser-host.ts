import type { OnnxRuntime } from './host';

/** The build without graphics processors, a chunk of its own. */
export async function browserOnnxRuntime(): Promise<OnnxRuntime> {
  return await import('onnxruntime-web/wasm');
}
