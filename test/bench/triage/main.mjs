/**
 * Triage against its lines: `node test/bench/triage/main.mjs [PART...]`.
 *   rate      small dumps a second and core, warm: the processor time of 400 dumps less that of 100
 *   scaling   two workers against one, beside two bare analyses against one in the same run
 *   pages     queries of the pages over 100,000 results, and the server's answers while suspects are computed
 *   hostile   10,000 files in a row, nine of ten damaged: each once in the results, memory; takes minutes
 * Without a name: all but `hostile`. --files N: so many files for `hostile`; --results N: so many results for `pages`;
 * --dumps N: so many dumps for `scaling`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hostile } from './hostile.mjs';
import { pages } from './pages.mjs';
import { rate } from './rate.mjs';
import { scaling } from './scaling.mjs';

const parts = { rate, scaling, pages, hostile };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: 'string', default: '10000' },
    results: { type: 'string', default: '100000' },
    dumps: { type: 'string', default: '300' },
  },
});

let failed = 0;

/** A figure beside its line; `holds` undefined: it is only reported, for a quiet machine. */
function record(what, value, unit, line, holds) {
  if (holds === false) failed++;
  const mark = holds === undefined ? ' ' : holds ? '+' : '-';
  const number = value.toFixed(value < 10 ? 2 : 0);
  console.log(`${mark} ${what.padEnd(66)} ${number.padStart(8)} ${unit.padEnd(8)} ${line}`);
}

const folder = mkdtempSync(join(tmpdir(), 'poolscope-bench-'));
process.on('SIGINT', () => process.exit(130));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const names = positionals.length > 0 ? positionals : ['rate', 'scaling', 'pages'];
for (const name of names) {
  const part = parts[name];
  if (part === undefined) {
    console.error(`there is no part ${name}; there are ${Object.keys(parts).join(', ')}`);
    process.exit(2);
  }
  await part({
    folder,
    record,
    files: Number(values.files),
    results: Number(values.results),
    dumps: Number(values.dumps),
  });
}
console.log(failed === 0 ? 'all lines of triage hold' : `${failed} below their lines`);
process.exitCode = failed === 0 ? 0 : 1;
