/** Where onnxruntime's module comes from: it is fetched when a file of its is run for the first time. */
import type * as OnnxRuntimeModule from 'onnxruntime-web';

export type OnnxRuntime = typeof OnnxRuntimeModule;
export type OnnxRuntimeHost = () => Promise<OnnxRuntime>;
