/** Runs in a page: the same short training on several tfjs backends. e2e/backends.e2e.ts puts it there. */
import { memory } from '@tensorflow/tfjs-core';
import type { OpId } from '../src/core/graph/graph';
import { initBackend, startSecondaryBackend, type TfjsBackend } from '../src/engine/tfjs/backend';
import { gpuBackends } from '../src/engine/tfjs/gpu';
import { BackendScope } from '../src/engine/tfjs/backend-scope';
import { drawnCase, ruleGradients, RULE_KINDS } from '../src/testing/oracles/rule-gradients';
import { courseDistance, tinyCourse } from '../src/testing/builders/tiny-training';

export { gpuBackends };

/** How far a course on `backend` is from the one on wasm; a message where it could not run. */
export async function distance(wasmBinary: string, backend: TfjsBackend, format: string, normalizes: boolean) {
  const host = { wasmBinary };
  try {
    await initBackend(host);
    await startSecondaryBackend(host, backend);
    const normalized = normalizes ? { normalized: new Set<OpId>(['conv', 'depth']) } : {};
    const home = await tinyCourse(format, normalized);
    const { numTensors } = memory();
    const there = await tinyCourse(format, { ...normalized, scope: new BackendScope(backend) });
    const leaked = memory().numTensors - numTensors;
    return { distance: courseDistance(home, there), losses: there.losses, leaked };
  } catch (thrown) {
    return { failed: String(thrown) };
  }
}

/** Gradient rules whose gradients on `backend` are not those on wasm, and how far they are off, relative to their size. */
export async function strayRules(wasmBinary: string, backend: TfjsBackend, rounds: number): Promise<string[]> {
  const host = { wasmBinary };
  await initBackend(host);
  await startSecondaryBackend(host, backend);
  const stray: string[] = [];
  for (const kind of RULE_KINDS)
    for (let round = 0; round < rounds; round++) {
      const scene = drawnCase(kind, round);
      const expected = await ruleGradients(scene);
      try {
        const actual = await ruleGradients(scene, new BackendScope(backend));
        for (const [id, gradient] of expected) {
          const size = gradient.reduce((largest, g) => Math.max(largest, Math.abs(g)), 0.1);
          const off = gradient.reduce((most, g, i) => Math.max(most, Math.abs(g - actual.get(id)![i]!)), 0) / size;
          if (!(off < 1e-3)) stray.push(`${kind} ${round}: ${id} by ${off}`);
        }
      } catch (thrown) {
        stray.push(`${kind} ${round}: ${String(thrown).slice(0, 200)}`);
      }
    }
  return stray;
}
