import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { engineFiles } from './scripts/engine-files.ts';

/** Cross-origin isolation: SharedArrayBuffer (wasm threads) and precise timers exist only behind these headers. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  plugins: [react(), engineFiles()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The engines are loaded lazily and are large by nature; the budget that matters is first load, checked by the bench.
    chunkSizeWarningLimit: 3000,
  },
  server: { headers, port: 5173 },
  preview: { headers, port: 4173, strictPort: true },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    // Two cores on the machines this runs on: more workers only fight for them.
    maxWorkers: 2,
  },
});
