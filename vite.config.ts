import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { compressedFiles } from './scripts/compressed-files.ts';
import { engineFiles } from './scripts/engine-files.ts';
import { offline } from './scripts/offline.ts';
import { pagePolicy } from './scripts/page-policy.ts';
import { ISOLATION_HEADERS } from './scripts/security-headers.mjs';
import { thirdPartyNotices } from './scripts/third-party-notices.ts';

const notices = thirdPartyNotices();

export default defineConfig({
  plugins: [react(), engineFiles(), notices.collect(), notices.write(), pagePolicy(), offline(), compressedFiles()],
  // Addresses inside the build are relative, so that it works in any folder of a static host.
  base: './',
  worker: { format: 'es', plugins: () => [notices.collect()] },
  build: {
    target: 'es2022',
    // The engines are loaded lazily and are large by nature; the budget that matters is first load, checked by the bench.
    chunkSizeWarningLimit: 3000,
  },
  server: { headers: ISOLATION_HEADERS, port: 5173 },
  test: {
    // Generous: a busy machine is slow, and a test that hangs is found all the same.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores on the machines this runs on: more workers only fight for them.
    maxWorkers: 2,
    projects: [
      {
        // Pure functions and the store: nothing here keeps an engine, so files share their threads' modules.
        extends: true,
        test: {
          name: 'unit',
          include: ['src/{base,core,state,ui}/**/*.test.ts', 'scripts/*.test.ts'],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        // The page, rendered into a document without a browser: each file has a document of its own.
        extends: true,
        test: {
          name: 'page',
          include: ['src/ui/**/*.test.tsx'],
          environment: 'happy-dom',
          pool: 'threads',
        },
      },
      {
        // Engines, jobs and the command line, on real models where they are at hand.
        extends: true,
        test: {
          name: 'models',
          include: ['src/{engine,jobs,cli,library,testing}/**/*.test.ts', 'scripts/{samples,package}/**/*.test.ts'],
        },
      },
    ],
  },
});
