import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';
import { documentShapes } from './docs/shapes.mjs';
import { pointToSources } from './docs/sources.mjs';
import { undocumented } from './docs/undocumented.mjs';
import { root } from './run.mjs';

/**
 * Writes the reference of the packages' public doors out of their docstrings: HTML in docs/reference, which is not kept in git.
 * `--check` writes nothing, and fails for what is exported without a docstring, and for links that lead nowhere. It reads the
 * declarations that the compiler wrote: build first.
 */

/** @param {string} path */
const declarations = (path) => join(root, 'packages', `${path}.d.ts`);

/** Every door of every package, in the order of the reference's first page. */
export const doors = [
  ...['engine/dist/index', 'engine/dist/base/index', 'engine/dist/layouts/index'],
  ...['lab/dist/index', 'lab/dist/fleet/index', 'report/dist/index', 'mcp/dist/index', 'triage/dist/index'],
].map(declarations);

/** @param {readonly string[]} entryPoints @returns {Promise<Application>} */
export async function reference(entryPoints) {
  const application = await Application.bootstrap({
    name: 'poolscope',
    entryPoints: [...entryPoints],
    tsconfig: join(root, 'tools', 'docs', 'tsconfig.json'),
    readme: join(root, 'tools', 'docs', 'front-page.md'),
    out: join(root, 'docs', 'reference'),
    disableGit: true,
    sourceLinkTemplate: '{path}',
    skipErrorChecking: true,
    excludePrivate: true,
    hideGenerator: true,
    logLevel: 'Warn',
    validation: { notExported: true, invalidLink: true, notDocumented: false, invalidPath: true },
  });
  documentShapes(application);
  pointToSources(application);
  return application;
}

/** @param {boolean} isCheck @returns {Promise<boolean>} whether all is well */
async function main(isCheck) {
  const application = await reference(doors);
  const project = await application.convert();
  if (project === undefined) return false;
  application.validate(project);
  for (const line of undocumented(project)) application.logger.warn(/** @type {any} */ (line));
  if (!isCheck) await application.generateOutputs(project);
  return application.logger.warningCount + application.logger.errorCount === 0;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check');
  const isWell = await main(isCheck);
  if (isWell)
    process.stdout.write(
      isCheck ? 'what is exported is documented\n' : 'the reference is in docs/reference/index.html\n',
    );
  process.exitCode = isWell ? 0 : 1;
}
