/**
 * `npm start`: sets up what is needed, then runs the command line with the given arguments, or shows the
 * demonstration without any. It runs in this process, so that streams, signals and the exit code are its own.
 */
import './node-version.mjs';

const { setUp } = await import('./set-up.mjs');
const { fileURLToPath } = await import('node:url');

if (await setUp()) {
  const cli = new URL('../packages/cli/bin/poolscope.mjs', import.meta.url);
  const given = process.argv.slice(2);
  process.argv = [process.execPath, fileURLToPath(cli), ...(given.length === 0 ? ['demo'] : given)];
  await import(cli.href);
} else {
  process.exitCode = 1;
}
