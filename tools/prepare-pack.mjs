import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/**
 * Before `poolscope` is packed: the site of `poolscope web`, which is built elsewhere, becomes part of the package. Afterwards
 * it goes again (`--undo`): in a clone the one that was built last is served.
 */

const [built, own] = [join(root, 'apps/web/dist/site'), join(root, 'packages/cli/dist/site')];

rmSync(own, { recursive: true, force: true });
if (process.argv.includes('--undo')) process.exit();
if (existsSync(join(built, 'index.html'))) cpSync(built, own, { recursive: true });
else {
  process.stderr.write('the site of poolscope web is not built: node tools/build.mjs\n');
  process.exitCode = 1;
}
