import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build as buildAll } from './build.mjs';
import { withLock } from './lock.mjs';
import { root, run, runTool } from './run.mjs';
import { buildKey, packageFolders, writeStamp } from './stamp.mjs';

/** The checks, in the order in which they start. Those `after` the build need its output. */

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * A check that is one run of a tool.
 * @param {string} name
 * @param {() => Promise<{ code: number, output: string }>} work
 * @param {string} [after]
 * @returns {Step}
 */
const check = (name, work, after) => ({ name, ...(after === undefined ? {} : { after }), work });

/** @param {readonly string[]} args */
const node = (...args) => run(process.execPath, args);

/** @type {readonly Step[]} */
export const steps = [
  check('build', build),
  check('format', () => runTool('@biomejs/biome', ['ci', '--linter-enabled=false', '--colors=off', '.'])),
  check('tests', runTests, 'build'),
  check('lint', () => runTool('oxlint', ['--deny-warnings']), 'build'),
  check('test-types', checkTestTypes, 'build'),
  check('imports', checkImports, 'build'),
  check('layout-docs', () => node('tools/check-layout-docs.mjs'), 'build'),
  check('api', () => node('tools/make-api-report.mjs', '--check'), 'build'),
  check('reference', () => node('tools/make-docs.mjs', '--check'), 'build'),
  check('guide', () => node('tools/make-guide.mjs', '--check'), 'build'),
  check('packages', () => node('tools/check-packages.mjs'), 'build'),
  check('fuzz', () => node('test/fuzz/main.mjs'), 'build'),
];

/** As in a set-up, but always. */
function build() {
  return withLock(join(root, '.stamp'), async () => {
    const key = buildKey(root);
    const result = await buildAll();
    if (result.code === 0) writeStamp(join(root, '.stamp', 'build'), key);
    return result;
  });
}

/** Tests of the page know a browser, the others do not. */
async function checkTestTypes() {
  const types = (/** @type {string} */ project) =>
    runTool('typescript', ['-p', project, '--noEmit', '--pretty', 'false'], 'tsc');
  const [tests, page] = [await types('test'), await types('apps/web/tsconfig.test.json')];
  return tests.code === 0 ? page : tests;
}

function checkImports() {
  const sources = packageFolders(root).flatMap((folder) => [join(folder, 'src'), join(folder, 'bin')]);
  const folders = [...sources, join(root, 'test'), join(root, 'tools')].filter((folder) =>
    existsSync(folder),
  );
  const paths = folders.map((folder) => relative(root, folder));
  return runTool('dependency-cruiser', ['--config', '.dependency-cruiser.cjs', ...paths], 'depcruise');
}

/** Unit tests and transcripts, with their number. */
async function runTests() {
  const report = join(root, '.stamp', 'tests.json');
  mkdirSync(join(root, '.stamp'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const result = await runTool('vitest', ['run', ...reporters]);
  if (!existsSync(report)) return { ...result, code: result.code || 1 };
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  return {
    ...result,
    passed: counts.numPassedTests,
    failed: counts.numFailedTests,
    skipped: counts.numPendingTests + counts.numTodoTests,
  };
}
