import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';
import { doors } from './docs/doors.mjs';
import { documentShapes } from './docs/shapes.mjs';
import { pointToSources } from './docs/sources.mjs';
import { undocumented } from './docs/undocumented.mjs';
import { root } from './run.mjs';

/**
 * Writes the reference of the packages' public doors out of their docstrings: HTML in docs/reference, which is not kept in git.
 * `--check` writes nothing, and fails for what is exported without a docstring, and for links that lead nowhere. It reads the
 * declarations that the compiler wrote: build first.
 */

/**
 * @param {readonly string[]} entryPoints
 * @param {string} tsconfig that names them
 */
export async function reference(entryPoints, tsconfig) {
  const application = await Application.bootstrap({
    name: 'poolscope',
    entryPoints: [...entryPoints],
    tsconfig,
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

/**
 * What is wrong goes to the application's log.
 * @param {Application} application
 * @returns {Promise<import('typedoc').Models.ProjectReflection | undefined>} nothing where something is wrong
 */
export async function checked(application) {
  const project = await application.convert();
  if (project === undefined) return undefined;
  application.validate(project);
  for (const line of undocumented(project)) application.logger.warn(/** @type {any} */ (line));
  return application.logger.warningCount + application.logger.errorCount === 0 ? project : undefined;
}

/** @param {boolean} isCheck @returns {Promise<boolean>} whether all is well */
async function main(isCheck) {
  const application = await reference(
    doors.map(({ types }) => types),
    join(root, 'tools', 'docs', 'tsconfig.json'),
  );
  const project = await checked(application);
  if (project === undefined) return false;
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
