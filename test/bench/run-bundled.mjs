import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = (path) => join(root, path);

/**
 * Runs a bench with the sources, bundled, because they are what the tests run.
 * @param {string} name of its folder in test/bench, which has a bench.ts
 */
export async function runBundled(name) {
  const folder = join(root, '.stamp', `${name}-bench-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.on('SIGINT', () => process.exit(130));
  const bundle = await rolldown({
    input: source(`test/bench/${name}/bench.ts`),
    platform: 'node',
    external: ['iced-x86', 'capstone-wasm', 'libarchive-wasm'],
    logLevel: 'warn',
    resolve: {
      alias: {
        '@poolscope/engine/layouts': source('packages/engine/src/layouts/index.ts'),
        '@poolscope/engine/base': source('packages/engine/src/base/index.ts'),
        '@poolscope/engine': source('packages/engine/src/index.ts'),
        '@poolscope/lab/fleet': source('packages/lab/src/fleet/index.ts'),
        '@poolscope/lab/page': source('packages/lab/src/page.ts'),
        '@poolscope/lab': source('packages/lab/src/index.ts'),
      },
    },
  });
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'bench.mjs' });
  await bundle.close();
  await import(pathToFileURL(join(folder, 'bench.mjs')).href);
}
