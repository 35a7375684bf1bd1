import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, runTool } from './run.mjs';

/**
 * Compiles the packages, builds the site of the web page, and bundles the command line: node loads a few files several times
 * faster than hundreds.
 */

const program = join(root, 'packages', 'cli', 'dist');

/** Libraries that are loaded when they are needed, with files of their own beside them. */
const external = ['iced-x86', 'capstone-wasm', 'libarchive-wasm', 'node-sqlite3-wasm', 'pg', 'pg-boss'];

/** @returns {Promise<{ code: number, output: string }>} */
export async function build() {
  const compiled = await runTool('typescript', ['-b', '--pretty', 'false'], 'tsc');
  const canBundle =
    existsSync(join(program, 'main.js')) && existsSync(join(root, 'node_modules', 'rolldown'));
  if (compiled.code !== 0 || !canBundle) return compiled;
  const steps = await Promise.all([bundle(), buildSite()]);
  return steps.find(({ code }) => code !== 0) ?? compiled;
}

/** The page of `poolscope web`. Where Vite is not installed the command says that it was not built. */
async function buildSite() {
  if (!existsSync(join(root, 'node_modules', 'vite'))) return { code: 0, output: '' };
  return runTool('vite', ['build', join(root, 'apps', 'web'), '--logLevel', 'error']);
}

/** The names of the files stay the same, so that a program that runs meanwhile still finds them. */
function bundle() {
  return runTool('rolldown', [
    ...[join(program, 'main.js'), join(program, 'mcp', 'dump-thread.js')],
    ...['--platform', 'node', '--format', 'esm', ...external.flatMap((name) => ['--external', name])],
    ...['--dir', join(program, 'bundle'), '--chunkFileNames', '[name].js', '--logLevel', 'warn'],
  ]);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { code, output } = await build();
  process.stdout.write(output);
  process.exitCode = code;
}
