import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { root } from './run.mjs';

/**
 * Writes docs/api/engine.api.md: what the engine's public door exports, with signatures, so that a change of the interface is
 * seen as a diff. `--check` only compares. It reads the declarations that the compiler wrote: build first.
 */

const entry = join(root, 'packages/engine/dist/index.d.ts');
const target = join(root, 'docs/api/engine.api.md');

const heading = `# What @poolscope/engine exports

Written by \`node tools/make-api-report.mjs\` from the built declarations, and compared by the checks. A line that goes or changes
its meaning is a change for the users of the library: it goes into CHANGELOG.md, and, once there is a version 1, into a new
major version. What a signature means is said in the docstring of its source.
`;

/** @returns {string} */
export function apiReport() {
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: [],
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error('the engine is not built: node tools/build.mjs');
  const parts = new Map();
  for (const symbol of checker.getExportsOfModule(module)) {
    const known = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const folder = folderOf(known);
    parts.set(folder, [...(parts.get(folder) ?? []), textOf(symbol.name, known)]);
  }
  const sections = [...parts].sort(byName).map(([folder, texts]) => section(folder, texts));
  return `${heading}\n${sections.join('\n')}`;
}

/** @param {readonly [string, unknown]} a @param {readonly [string, unknown]} b */
const byName = ([a], [b]) => (a < b ? -1 : 1);

/** @param {string} folder @param {string[]} texts */
const section = (folder, texts) => `## ${folder}\n\n\`\`\`ts\n${texts.sort().join('\n')}\n\`\`\`\n`;

/** The folder of the engine that has it. @param {ts.Symbol} symbol */
function folderOf(symbol) {
  const path = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
  const below = path.slice(dirname(entry).length + 1);
  return below.includes('/') ? (below.split('/')[0] ?? '') : 'session';
}

const printer = ts.createPrinter({ removeComments: true });

/** @param {string} name @param {ts.Symbol} symbol */
function textOf(name, symbol) {
  const texts = (symbol.declarations ?? []).map((declaration) => {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    if (ts.isSourceFile(node)) return `namespace ${name}`;
    return printer
      .printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile())
      .replaceAll(/^(?:export |declare )+/gm, '')
      .replaceAll(/^ *#private;\n/gm, '')
      .replaceAll(/^ *private .*\n/gm, '');
  });
  return texts.join('\n');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const text = apiReport();
  const before = existsSync(target) ? readFileSync(target, 'utf8') : '';
  if (process.argv.includes('--check')) {
    const current = text === before;
    process.stdout.write(
      current
        ? 'docs/api/engine.api.md is current\n'
        : 'the public interface has changed: run node tools/make-api-report.mjs, and look at the diff of docs/api/engine.api.md\n',
    );
    process.exitCode = current ? 0 : 1;
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
