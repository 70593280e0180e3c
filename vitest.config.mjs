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
          // Real nodes and real workspaces wait for each other's processes half of the time: two at once fill two cores.
          maxWorkers: 2,
        },
      },
    ],
  },
});
