/** Which GPUs a browser hands out that are some: drivers that compute on the CPU are slower than wasm by far. */
import type { TfjsBackend } from './backend';

/** Names of drivers that draw on the CPU. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render|warp/i;

export function isSoftware(description: string): boolean {
  return SOFTWARE.test(description);
}

/** The parts of WebGPU's adapter that tell what it is. */
interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: Readonly<Record<'vendor' | 'architecture' | 'device' | 'description', string | undefined>> & {
    readonly isFallbackAdapter?: boolean;
  };
}

async function webgpu(): Promise<boolean> {
  const { gpu } = (globalThis.navigator ?? {}) as {
    gpu?: { requestAdapter(options: object): Promise<Adapter | null> };
  };
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter || adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter) return false;
  const { vendor, architecture, device, description } = adapter.info ?? {};
  return !isSoftware([vendor, architecture, device, description].join(' '));
}

function webgl(): boolean {
  if (!('OffscreenCanvas' in globalThis)) return false;
  const context = new OffscreenCanvas(1, 1).getContext('webgl2');
  const names = context?.getExtension('WEBGL_debug_renderer_info');
  if (!context || !names) return false;
  const renderer = String(context.getParameter(names.UNMASKED_RENDERER_WEBGL));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !isSoftware(renderer);
}

/** tfjs backends that would compute on a GPU, the newer one first; none in Node. */
export async function gpuBackends(): Promise<TfjsBackend[]> {
  const has = { webgpu: await webgpu().catch(() => false), webgl: webgl() };
  return (['webgpu', 'webgl'] as const).filter((backend) => has[backend]);
}
