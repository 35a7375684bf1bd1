import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createPackageFromTarballData } from '@arethetypeswrong/core';
import { icedModule } from '@poolscope/engine/bundler';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { rolldown } from 'rolldown';
import { resolutionProblems } from './packages/resolution.mjs';
import { root, run } from './run.mjs';

/**
 * Packs every package as npm would publish it, puts them together in an empty folder, and uses them there: in Node, by the
 * compiler, and in a bundle for browsers. Libraries of others are those that are installed here: nothing is fetched.
 */

/** Packages in `packages/`, and how large they may become, in KB: packed. A budget is raised on purpose, in a diff. */
const budgets = { engine: 1500, lab: 600, report: 20, mcp: 60, triage: 400, cli: 4500 };
/** The same for the engine and its first page in a browser, minified and compressed; without the libraries that disassemble. */
const browserBudget = 700;
/**
 * And for the lab in a page: what has to be loaded before a machine with classic pool boots, plays its scenario and writes its
 * dump (the structure tables included), and all that any scenario may load.
 */
const labBudgets = { first: 150, all: 175 };

const folder = mkdtempSync(join(tmpdir(), 'poolscope-packages-'));
/** @type {string[]} */
const problems = [];
/** What was packed, by the name of the package. @type {Map<string, string>} */
const tarballs = new Map();
/** @param {string} problem */
const complain = (problem) => void problems.push(problem);

async function packAll() {
  const names = Object.keys(budgets);
  const where = names.flatMap((name) => ['--workspace', join('packages', name)]);
  const packed = await run('npm', ['pack', ...where, '--pack-destination', folder, '--json'], {
    shell: process.platform === 'win32',
  });
  const start = packed.output.indexOf('[\n');
  if (packed.code !== 0 || start < 0) throw new Error(`npm pack failed:\n${packed.output}`);
  /** @type {{ name: string, filename: string, size: number, files: { path: string }[] }[]} */
  const list = JSON.parse(packed.output.slice(start, packed.output.lastIndexOf(']') + 1));
  for (const [index, { name, filename, size, files }] of list.entries()) {
    const budget = Object.values(budgets)[index] ?? 0;
    if (size > budget * 1000)
      complain(`${name} is ${Math.ceil(size / 1000)} KB packed; its budget is ${budget}`);
    checkContents(
      name,
      files.map(({ path }) => path),
    );
    const home = homeOf(name);
    mkdirSync(home, { recursive: true });
    await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', home]);
    tarballs.set(name, join(folder, filename));
  }
  linkLibraries(list.map(({ name }) => name));
}

/** @param {string} name */
const homeOf = (name) => join(folder, 'node_modules', name);

/**
 * @param {string} name
 * @param {readonly string[]} paths
 */
function checkContents(name, paths) {
  for (const path of ['README.md', 'LICENSE', 'package.json'])
    if (!paths.includes(path)) complain(`${name} lacks ${path}`);
  const odd = paths.filter((path) => /\.test\.|tsbuildinfo|\/test\/|(?<!\.d)\.m?ts$|\.map$/.test(path));
  if (odd.length > 0) complain(`${name} has files that nobody needs: ${odd.slice(0, 5).join(', ')}`);
  if (paths.length < 4) complain(`${name} has hardly any files: is it built?`);
}

/**
 * What the packages depend on, from here.
 * @param {readonly string[]} names
 */
function linkLibraries(names) {
  for (const name of names) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(homeOf(name), 'package.json'), 'utf8'));
    for (const library of Object.keys(dependencies)) {
      const link = homeOf(library);
      if (names.includes(library) || existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', library), link, 'junction');
    }
  }
  symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'), 'junction');
}

const libraries = () =>
  Object.keys(budgets)
    .filter((name) => name !== 'cli')
    .map((name) => `@poolscope/${name}`);

async function checkPublished() {
  for (const name of [...libraries(), 'poolscope']) {
    const { messages, pkg } = await publint({ pkgDir: homeOf(name), pack: false, strict: true });
    for (const message of messages)
      complain(`${name}: ${formatMessage(message, pkg ?? {}, { color: false })}`);
  }
}

/** Can TypeScript find the declarations, and do they say what the code is? The command has none. */
async function checkResolution() {
  for (const name of libraries()) {
    const tarball = readFileSync(tarballs.get(name) ?? '');
    for (const problem of await resolutionProblems(createPackageFromTarballData(tarball)))
      complain(`${name}: ${problem}`);
  }
}

/** A program that uses every package, and the command. */
async function useInNode() {
  const program = join(folder, 'use.mjs');
  writeFileSync(program, readFileSync(join(root, 'tools/packages/use.mjs')));
  const used = await run(process.execPath, [program], { cwd: folder });
  if (used.code !== 0 || !used.output.startsWith('double-free')) complain(`use.mjs in Node: ${used.output}`);
  const bin = join(homeOf('poolscope'), 'bin', 'poolscope.mjs');
  const analyzed = await run(process.execPath, [bin, 'analyze', 'crash.dmp'], { cwd: folder });
  if (analyzed.code !== 0 || !analyzed.output.includes('DOUBLE FREE'))
    complain(`poolscope analyze: ${analyzed.output}`);
  if (!existsSync(join(homeOf('poolscope'), 'dist', 'site', 'index.html')))
    complain('poolscope lacks its site');
}

/** The declarations, as programs of either kind of resolution see them. */
async function useTypes() {
  writeFileSync(join(folder, 'use-types.ts'), readFileSync(join(root, 'tools/packages/use-types.txt')));
  const common = ['use-types.ts', '--noEmit', '--strict', '--target', 'es2023', '--types', 'node'];
  const kinds = [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ];
  for (const kind of kinds) {
    const checked = await run(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), ...common, ...kind, '--skipLibCheck', 'true'],
      { cwd: folder },
    );
    if (checked.code !== 0) complain(`types, ${kind.join(' ')}: ${checked.output}`);
  }
}

/** The engine in one file for browsers, by a bundler that knows nothing of it but the plugin. */
async function bundleForBrowsers() {
  const source = "export { analyzePage, openSession, lineText } from '@poolscope/engine';\n";
  const { entry } = await bundled('page.mjs', source);
  const bytes = gzipSync(entry.code).length;
  if (bytes > browserBudget * 1000)
    complain(`the engine for browsers is ${Math.ceil(bytes / 1000)} KB; its budget is ${browserBudget}`);
}

/** The lab in a page: what it loads at once, and what it may load later. */
async function bundleLab() {
  const { entry, chunks } = await bundled('lab-page.mjs', "export * from '@poolscope/lab/page';\n");
  const first = new Set([entry.fileName]);
  for (const name of first) for (const other of chunkOf(chunks, name)?.imports ?? []) first.add(other);
  const size = (/** @type {typeof chunks} */ some) =>
    some.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  const sizes = { first: size(chunks.filter(({ fileName }) => first.has(fileName))), all: size(chunks) };
  for (const name of /** @type {const} */ (['first', 'all']))
    if (sizes[name] > labBudgets[name] * 1024)
      complain(
        `the lab in a page (${name}) is ${kilobytes(sizes[name])} KB; its budget is ${labBudgets[name]}`,
      );
}

const kilobytes = (/** @type {number} */ bytes) => Math.ceil(bytes / 1024);

/**
 * @template {{ fileName: string }} T
 * @param {readonly T[]} chunks
 * @param {string} name
 */
const chunkOf = (chunks, name) => chunks.find(({ fileName }) => fileName === name);

/**
 * Minified chunks for browsers; what is not for browsers is complained of.
 * @param {string} name
 * @param {string} source
 */
async function bundled(name, source) {
  const input = join(folder, name);
  writeFileSync(input, source);
  const built = await rolldown({
    input,
    platform: 'browser',
    logLevel: 'silent',
    plugins: [icedModule({ inline: true })],
  });
  const { output } = await built.generate({ format: 'esm', minify: true });
  await built.close();
  const chunks = output.filter((chunk) => chunk.type === 'chunk');
  for (const { fileName, imports } of chunks)
    for (const other of imports)
      if (/^node:|^[a-z]/.test(other) && chunkOf(chunks, other) === undefined)
        complain(`${fileName}, which is for browsers, imports ${other}`);
  return { entry: output[0], chunks };
}

try {
  await packAll();
  await Promise.all([
    checkPublished(),
    useInNode(),
    useTypes(),
    bundleForBrowsers(),
    bundleLab(),
    checkResolution(),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length === 0) process.stdout.write('the packages can be installed and used\n');
process.exitCode = problems.length === 0 ? 0 : 1;
