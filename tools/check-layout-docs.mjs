/**
 * Compares the tables of docs/formats with the built layouts, and looks for invariants that no test names.
 * `--draft NAME` prints the beginning of a table.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, draft, readInvariants, readTables } from './layout-docs.mjs';
import { root } from './run.mjs';
import { filesBelow } from './stamp.mjs';

const { layouts, pages } = await load();
const [option, name] = process.argv.slice(2);

if (option === '--draft') {
  for (const layout of layouts) if (name === undefined || layout.name === name) print(`${draft(layout)}\n`);
} else {
  const problems = [
    ...compare(
      layouts,
      pages.flatMap(({ page, text }) => readTables(page, text)),
    ),
    ...repeated(),
    ...untested(),
  ];
  for (const problem of problems) print(problem);
  if (problems.length === 0) print(`${layouts.length} structures agree with their pages`);
  else process.exitCode = 1;
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

async function load() {
  const built = await import('../packages/engine/dist/layouts/index.js');
  const folder = join(root, 'docs', 'formats');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .sort();
  return {
    layouts: /** @type {unknown[]} */ (Object.values(built)).filter(isLayout),
    pages: names.map((page) => ({ page, text: readFileSync(join(folder, page), 'utf8') })),
  };
}

/**
 * @param {unknown} value
 * @returns {value is import('./layout-docs.mjs').Layout}
 */
function isLayout(value) {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'size' in value && 'fields' in value
  );
}

/** Each invariant is named by a test. */
function untested() {
  const tests = testTexts();
  const numbers = pages.flatMap(({ text }) => readInvariants(text));
  return numbers
    .filter((number) => !tests.some((text) => named(text, number)))
    .map((number) => `no test names invariant ${number}`);
}

/** An invariant's number is given once. */
function repeated() {
  const numbers = pages.flatMap(({ text }) => readInvariants(text));
  return numbers
    .filter((number, index) => numbers.indexOf(number) !== index)
    .map((number) => `Invariant ${number} is there twice`);
}

function testTexts() {
  const folders = ['packages', 'test'].map((folder) => join(root, folder));
  const files = folders.flatMap(filesBelow).filter((path) => path.endsWith('.test.ts'));
  return files.map((path) => readFileSync(path, 'utf8'));
}

/**
 * @param {string} text
 * @param {string} number
 */
function named(text, number) {
  return new RegExp(`\\b${number}\\b`).test(text);
}
