/**
 * Starts the tfjs backend that runs Graphs. WebAssembly with SIMD and without threads is the default everywhere: it is the
 * variant Node has, too, so the page and the command line compute the same bits.
 */
import {
  enableProdMode,
  engine,
  env,
  findBackend,
  findBackendFactory,
  getBackend,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';
import { RangefinderError } from '../../base/errors';

export type TfjsBackend = 'wasm' | 'webgpu' | 'webgl' | 'cpu';

/** What the engine must be told about its surroundings. `node-host.ts` makes one for Node; a worker makes its own. */
export interface TfjsHost {
  /** URL (in Node: path) of `tfjs-backend-wasm-simd.wasm` from @tensorflow/tfjs-backend-wasm/dist. */
  readonly wasmBinary: string;
}

/** Each backend is a chunk of its own, fetched when it is asked for. */
const REGISTER: Readonly<Record<TfjsBackend, (host: TfjsHost) => Promise<unknown>>> = {
  async wasm(host) {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    // Threads sum in another order and are capped at half the cores; see the head of this file.
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('this browser has no WebAssembly SIMD');
    setWasmPaths({
      'tfjs-backend-wasm-simd.wasm': host.wasmBinary,
      'tfjs-backend-wasm.wasm': host.wasmBinary,
      'tfjs-backend-wasm-threaded-simd.wasm': host.wasmBinary,
    });
  },
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};

/**
 * Starts `preferred` and makes it tfjs' backend; does nothing where it runs already.
 * @returns the name of the running backend
 * @throws RangefinderError 'runtime-failed'
 */
export async function initBackend(host: TfjsHost, preferred: TfjsBackend = 'wasm'): Promise<string> {
  if (engine().backendName === preferred) return preferred;
  try {
    await REGISTER[preferred](host);
    if (!(await setBackend(preferred))) throw new Error('it refused to start');
  } catch (cause) {
    const hint = 'Reload the page; if that does not help, use a current browser with WebAssembly SIMD.';
    throw notStarted(preferred, cause, hint, preferred === 'wasm' ? host.wasmBinary : preferred);
  }
  enableProdMode();
  return getBackend();
}

const beside = new Set<TfjsBackend>();

/**
 * Starts a backend beside the one that is set, which others go on using meanwhile; see `BackendScope`.
 * @throws RangefinderError 'runtime-failed'
 */
export async function startSecondaryBackend(host: TfjsHost, backend: TfjsBackend): Promise<void> {
  if (beside.has(backend) || engine().backendName === backend) return;
  try {
    await REGISTER[backend](host);
    const make = findBackendFactory(backend) as ReturnType<typeof findBackendFactory> | null;
    if (!make) throw new Error('there is none here');
    // tfjs computes nothing at all while it waits for a backend of its own; so it gets one that is there.
    const started = await make();
    removeBackend(backend);
    registerBackend(backend, () => started, 0);
    findBackend(backend);
  } catch (cause) {
    throw notStarted(backend, cause, 'Let training choose where it runs.', backend);
  }
  beside.add(backend);
}

function notStarted(backend: TfjsBackend, cause: unknown, hint: string, where: string): RangefinderError {
  const message = `The tfjs ${backend} backend could not start: ${reason(cause)}.`;
  return new RangefinderError({ code: 'runtime-failed', message, where, hint }, { cause });
}

/** tfjs rejects with plain objects that have a message. */
function reason(thrown: unknown): string {
  const { message } = (thrown ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message.replace(/\.$/, '') : String(thrown);
}
