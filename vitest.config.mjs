import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/*.test.ts', 'e2e/live/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Real nodes and real workspaces: one file at a time keeps a two-core machine honest.
          fileParallelism: false,
        },
      },
    ],
  },
});
