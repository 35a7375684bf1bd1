import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, runTool } from './run.mjs';

/**
 * Writes the sources of `@poolscope/report`: the engine's types of the report, which need nothing of the engine then, and the
 * published schema as a value. Run it when either changes; a test compares.
 */

const heading = '// Made by tools/make-report-package.mjs: change what it is made of, and run it.\n\n';

const files = {
  report: 'packages/report/src/report.ts',
  schema: 'packages/report/src/tables/schema.ts',
};

/** What the two files have to be, before they are formatted. */
export function reportSources() {
  return { [files.report]: reportTypes(), [files.schema]: schemaValue() };
}

function reportTypes() {
  const types = read('packages/engine/src/analyze/report.ts');
  const trust = /^export type Trust = .*$/m.exec(read('packages/engine/src/unwind/frame.ts'))?.[0];
  const imported = "import type { Trust } from '../unwind/index.ts';\n";
  if (trust === undefined || !types.includes(imported))
    throw new Error('the types of the report import something else than Trust: teach this tool');
  const [before, rest] = types.split(imported);
  return `${heading}${before}/** How a frame of the stack was found. */\n${trust}\n${rest}`;
}

function schemaValue() {
  const schema = JSON.parse(read('docs/schema/poolscope.analysis-1.schema.json'));
  return `${heading}/** JSON Schema (2020-12) of the report. */\nexport const reportSchema = ${JSON.stringify(schema, null, 2)} as const;\n`;
}

/** @param {string} path from the root */
const read = (path) => readFileSync(join(root, path), 'utf8');

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(reportSources())) writeFileSync(join(root, path), text);
  const { code, output } = await runTool('@biomejs/biome', [
    'check',
    '--write',
    '--linter-enabled=false',
    ...Object.keys(reportSources()),
  ]);
  process.stdout.write(output);
  process.exitCode = code;
}
