import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './tools/slow-tests.mjs';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      '@poolscope/engine/layouts': source('packages/engine/src/layouts/index.ts'),
      '@poolscope/engine/base': source('packages/engine/src/base/index.ts'),
      '@poolscope/engine': source('packages/engine/src/index.ts'),
      '@poolscope/lab/fleet': source('packages/lab/src/fleet/index.ts'),
      '@poolscope/lab/page': source('packages/lab/src/page.ts'),
      '@poolscope/lab': source('packages/lab/src/index.ts'),
      '@poolscope/mcp': source('packages/mcp/src/index.ts'),
      '@poolscope/report': source('packages/report/src/index.ts'),
      '@poolscope/triage': source('packages/triage/src/index.ts'),
    },
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'test/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // By default one core is left idle, which on two cores doubles the time.
    maxWorkers: '100%',
    // Nearly all files import the whole engine: a worker that keeps it for the next file takes half the time. A test that
    // needs a module in its first state resets it (vi.resetModules).
    isolate: false,
    sequence: { sequencer: SlowestFirst },
  },
});
