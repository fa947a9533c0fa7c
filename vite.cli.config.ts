import { defineConfig } from 'vite';

/** The command line and the library as files that plain Node runs. Packages stay in node_modules, where their wasm lies. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: 'dist-cli',
    target: 'node20',
    rollupOptions: {
      input: {
        rangefinder: 'src/cli/rangefinder.ts',
        library: 'src/library/rangefinder.ts',
        'trial-process': 'src/cli/sweep/trial-process.ts',
        'graph-thread': 'src/cli/graph-thread.ts',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});
