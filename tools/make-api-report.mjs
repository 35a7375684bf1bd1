import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { doors, libraries } from './docs/doors.mjs';
import { root } from './run.mjs';

/** @typedef {import('./docs/doors.mjs').Door} Door */

/**
 * Writes docs/api/NAME.api.md of every library: what its doors export, with signatures, so that a change of the interface is seen as
 * a diff. `--check` only compares. It reads the declarations that the compiler wrote: build first.
 */

/** @param {string} library */
const targetOf = (library) => join(root, 'docs', 'api', `${library}.api.md`);

/** @param {string} library */
const heading = (library) => `# What @poolscope/${library} exports

Written by \`node tools/make-api-report.mjs\` from the built declarations, and compared by the checks. A line that goes or changes
its meaning is a change for the users of the library: it goes into CHANGELOG.md, and, once there is a version 1, into a new
major version. What a signature means is said in the docstring of its source; \`npm run docs\` makes pages of them.
`;

/** @returns {Map<string, string>} by the name of the library */
export function apiReports() {
  const program = ts.createProgram(
    doors.map(({ types }) => types),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: [],
      skipLibCheck: true,
    },
  );
  return new Map(
    libraries.map((library) => {
      const own = doors.filter((door) => door.library === library);
      /** @type {Set<ts.Symbol>} */
      const told = new Set();
      const texts = own.map((door) => doorText(program, door, told)).filter((text) => text !== '');
      return [library, `${heading(library)}\n${texts.join('\n')}`];
    }),
  );
}

/**
 * A section for each folder; those of other doors than the first say which door, and leave out what an earlier one has.
 * @param {ts.Program} program
 * @param {Door} door
 * @param {Set<ts.Symbol>} told
 */
function doorText(program, { library, name, types }, told) {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(types);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${library} is not built: node tools/build.mjs`);
  const parts = new Map();
  for (const symbol of checker.getExportsOfModule(module)) {
    const known = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (told.has(known)) continue;
    told.add(known);
    const folder = folderOf(known);
    parts.set(folder, [...(parts.get(folder) ?? []), textOf(symbol.name, known)]);
  }
  const prefix = name === `@poolscope/${library}` ? '' : `${name}: `;
  return [...parts]
    .sort(byName)
    .map(([folder, texts]) => section(`${prefix}${folder}`, texts))
    .join('\n');
}

/** @param {readonly [string, unknown]} a @param {readonly [string, unknown]} b */
const byName = ([a], [b]) => (a < b ? -1 : 1);

/** @param {string} folder @param {string[]} texts */
const section = (folder, texts) => `## ${folder}\n\n\`\`\`ts\n${texts.sort().join('\n')}\n\`\`\`\n`;

/** The folder that has it; of what stands beside the folders, the file. @param {ts.Symbol} symbol */
function folderOf(symbol) {
  const path = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
  const [, below = ''] = /\/packages\/[a-z]+\/(?:dist\/)?(.*)$/.exec(path) ?? [];
  return below.split('/')[0]?.replace(/\.d\.m?ts$/, '') ?? '';
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
  const isCheck = process.argv.includes('--check');
  const stale = [...apiReports()].filter(([library, text]) => {
    const path = targetOf(library);
    return !existsSync(path) || readFileSync(path, 'utf8') !== text;
  });
  if (!isCheck) {
    mkdirSync(join(root, 'docs', 'api'), { recursive: true });
    for (const [library, text] of stale) writeFileSync(targetOf(library), text);
  } else if (stale.length === 0) process.stdout.write('docs/api is current\n');
  else {
    const names = stale.map(([library]) => `docs/api/${library}.api.md`).join(', ');
    process.stdout.write(
      `the public interface has changed: run node tools/make-api-report.mjs, and look at the diff of ${names}\n`,
    );
    process.exitCode = 1;
  }
}
