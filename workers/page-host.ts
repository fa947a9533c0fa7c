/** Where the page's engines lie. Vite turns the imports into hashed URLs; LiteRT's loader builds its own names. */
import tfjsWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { browserImageHost } from '../src/engine/images/browser-host';
import { browserHost } from '../src/engine/litert/browser-host';
import { browserOnnxRuntime } from '../src/engine/onnxruntime/browser-host';
import type { JobHost } from '../src/jobs/session/session';

/** Relative to the worker: built workers lie in `assets/`, wherever the site lies on its host. */
const LITERT_FOLDER = import.meta.env.DEV ? '/engines/litert/' : '../engines/litert/';

export function pageHost(): JobHost {
  return {
    tfjs: { wasmBinary: tfjsWasm },
    litert: () => Promise.resolve(browserHost(LITERT_FOLDER)),
    onnxruntime: browserOnnxRuntime,
    images: browserImageHost(),
  };
}
