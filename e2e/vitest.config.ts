import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    testTimeout: 300_000,
    hookTimeout: 180_000,
    // Waits end when the state is there; a busy machine only takes longer to get to it.
    expect: { poll: { timeout: 60_000 } },
    // One browser, one file at a time: the figures the page shows depend on having the cores.
    fileParallelism: false,
  },
});
