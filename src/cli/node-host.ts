import { nodeImageHost } from '../engine/images/node-host';
import { nodeHost as nodeLiteRtHost } from '../engine/litert/node-host';
import { nodeOnnxRuntime } from '../engine/onnxruntime/node-host';
import { nodeHost as nodeTfjsHost } from '../engine/tfjs/node-host';
import type { JobHost } from '../jobs/session/session';

/** The engines' binaries from node_modules. */
export function nodeHost(): JobHost {
  return {
    tfjs: nodeTfjsHost(),
    litert: () => Promise.resolve(nodeLiteRtHost()),
    onnxruntime: nodeOnnxRuntime,
    images: nodeImageHost(),
  };
}
