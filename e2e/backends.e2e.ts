/** Training on GPUs, whose drivers compute on the CPU here: slow, but by the same shaders. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_FLAGS } from '../scripts/browser.mjs';
import { bundled } from '../scripts/bundle';
import { nodeHost } from '../src/engine/tfjs/node-host';
import type * as BackendsPage from './backends-page';
import { studioUrl } from './studio';

const SOFTWARE_GPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

const wasm = readFileSync(nodeHost().wasmBinary).toString('base64');

describe('training on a GPU', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '',
      args: [...CHROMIUM_FLAGS, ...SOFTWARE_GPU],
    });
    page = await browser.newPage({ bypassCSP: true }); // What follows is the test's own script.
    await page.goto(`${studioUrl()}?sample=none`); // WebGPU is there for secure origins only
    await page.addScriptTag({ content: await bundled(resolve(import.meta.dirname, 'backends-page.ts'), 'backends') });
  }, 120_000);
  afterAll(() => browser.close());

  it('is never chosen where the driver is software', async () => {
    const chosen = await page.evaluate(() =>
      (globalThis as unknown as { backends: typeof BackendsPage }).backends.gpuBackends(),
    );
    expect(chosen).toEqual([]);
  });

  it.each(['webgpu', 'webgl'] as const)(
    '%s: every rule gives the gradients that it gives on wasm',
    async (backend) => {
      const stray = await page.evaluate(
        async (spec) => {
          const bytes = Uint8Array.from(atob(spec.wasm), (char) => char.charCodeAt(0));
          const url = URL.createObjectURL(new Blob([bytes], { type: 'application/wasm' }));
          const { backends } = globalThis as unknown as { backends: typeof BackendsPage };
          return backends.strayRules(url, spec.backend, 2);
        },
        { wasm, backend },
      );
      expect(stray).toEqual([]);
    },
    300_000,
  );

  it.each(
    (['webgpu', 'webgl'] as const).flatMap((backend) =>
      [
        { format: 'int16', normalizes: false, most: 1e-2 },
        { format: 'int16', normalizes: true, most: 1e-2 },
        { format: 'int4', normalizes: false, most: 0.3 },
        { format: 'flex-e3m4', normalizes: false, most: 0.1 },
      ].map((each) => ({ backend, ...each })),
    ),
  )('$backend, $format, batch norm $normalizes: as on wasm', async ({ backend, format, normalizes, most }) => {
    const result = await page.evaluate(
      async (spec) => {
        const bytes = Uint8Array.from(atob(spec.wasm), (char) => char.charCodeAt(0));
        const url = URL.createObjectURL(new Blob([bytes], { type: 'application/wasm' }));
        const { backends } = globalThis as unknown as { backends: typeof BackendsPage };
        return backends.distance(url, spec.backend, spec.format, spec.normalizes);
      },
      { wasm, backend, format, normalizes },
    );
    if ('failed' in result) throw new Error(result.failed);
    expect(result.leaked).toBe(0);
    expect(result.distance).toBeLessThan(most);
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]!);
  });
});
