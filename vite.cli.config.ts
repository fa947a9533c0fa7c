import { defineConfig } from 'vite';

/** The headless twin as one file that plain Node runs. Packages stay in node_modules, where their wasm lies. */
export default defineConfig({
  build: {
    ssr: 'src/cli/rangefinder.ts',
    outDir: 'dist-cli',
    target: 'node20',
    rollupOptions: { output: { entryFileNames: 'rangefinder.js' } },
  },
});
