/** Runs in a page: the same short training on several tfjs backends. e2e/backends.e2e.ts puts it there. */
import type { OpId } from '../src/core/graph/graph';
import { initBackend, startBeside, type TfjsBackend } from '../src/engine/tfjs/backend';
import { gpuBackends } from '../src/engine/tfjs/gpu';
import { Place } from '../src/engine/tfjs/place';
import { courseDistance, tinyCourse } from '../src/testing/tiny-training';

export { gpuBackends };

/** How far a course on `backend` is from the one on wasm; a message where it could not run. */
export async function distance(wasmBinary: string, backend: TfjsBackend, format: string, normalizes: boolean) {
  const host = { wasmBinary };
  try {
    await initBackend(host);
    await startBeside(host, backend);
    const normalized = normalizes ? { normalized: new Set<OpId>(['conv', 'depth']) } : {};
    const [home, there] = [
      await tinyCourse(format, normalized),
      await tinyCourse(format, { ...normalized, place: new Place(backend) }),
    ];
    return { distance: courseDistance(home, there), losses: there.losses };
  } catch (thrown) {
    return { failed: String(thrown) };
  }
}
