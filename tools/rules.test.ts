import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, run, runTool, toolScript } from './run.mjs';

/**
 * Faults planted in a small tree, and the rule that has to find each. The rules are those of the repository.
 */
let tree: string;

function write(path: string, text: string) {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

const tool = (name: string, args: readonly string[], bin?: string) =>
  run(process.execPath, [toolScript(name, bin), ...args], { cwd: tree });

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'poolscope-rules-'));
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('import rules', () => {
  /** importing file below `packages`, or of `apps`, its text, the rule it breaks or undefined */
  const cases: [string, string, string | undefined][] = [
    ['engine/src/dump/good.ts', "import '../io/index.ts';", undefined],
    ['engine/src/base/up.ts', "import '../io/index.ts';", 'engine-base'],
    ['engine/src/dump/up.ts', "import type { A } from '../mmu/index.ts'; export type B = A;", 'engine-dump'],
    ['engine/src/pe/sibling.ts', "import '../pdb/index.ts';", 'engine-pe'],
    ['engine/src/cpu/up.ts', "import '../dump/index.ts';", 'engine-cpu'],
    ['engine/src/dump/cpu.ts', "import '../cpu/index.ts';", undefined],
    ['engine/src/pool/system.ts', "import '../system/index.ts';", 'engine-pool'],
    ['engine/src/analyze/system.ts', "import '../system/index.ts';", undefined],
    ['engine/src/commands/bytes.ts', "import '../io/index.ts';", 'engine-commands'],
    ['engine/src/pool/door.ts', "import '../session.ts';", 'engine-pool'],
    ['engine/src/stray/index.ts', 'export {};', undefined],
    ['engine/src/index.ts', "import './stray/index.ts';", 'engine-unlisted-folder'],
    ['engine/src/io/node.ts', "import 'node:fs';", 'engine-host-neutral'],
    [
      'engine/src/io/node.test.ts',
      "import 'node:fs'; import '../pool/door.ts'; import '@poolscope/lab';",
      undefined,
    ],
    ['engine/src/pe/library.ts', "export const load = () => import('lib');", 'engine-libraries'],
    ['engine/src/disasm/eager.ts', "import 'lib';", 'engine-libraries-lazy'],
    [
      'engine/src/disasm/lazy.ts',
      "import type { L } from 'lib'; export const load = (): Promise<L> => import('lib');",
      undefined,
    ],
    ['engine/src/analyze/lab.ts', "import '@poolscope/lab';", 'engine-alone'],
    ['engine/src/base/a.ts', "import './b.ts';", 'no-cycles'],
    ['engine/src/base/lost.ts', "import './nowhere.ts';", 'resolvable'],
    ['engine/src/base/tested.ts', "import './x.test.ts';", 'no-tests-in-sources'],
    ['cli/src/helped.ts', "import '../test/help.ts';", 'no-tests-in-sources'],
    ['lab/src/layouts.ts', "import '@poolscope/engine/layouts'; import '@poolscope/engine/base';", undefined],
    ['lab/src/engine.ts', "import '@poolscope/engine';", 'lab-independent'],
    ['lab/src/deep.ts', "import '../../engine/src/mmu/index.ts';", 'lab-independent'],
    ['lab/src/library.ts', "import 'lib';", 'lab-independent'],
    ['lab/src/node.ts', "import 'node:fs';", 'lab-host-neutral'],
    ['cli/src/door.ts', "import '@poolscope/engine'; import '@poolscope/lab'; import 'node:fs';", undefined],
    ['cli/src/fleet.ts', "import '@poolscope/lab/fleet';", undefined],
    ['cli/src/deep.ts', "import '@poolscope/engine/base';", 'cli-through-the-door'],
    ['cli/src/development.ts', "import 'devlib';", 'no-development-libraries-in-sources'],
    [
      'apps/web/src/worker/good.ts',
      "import '@poolscope/engine'; import '@poolscope/engine/base';",
      undefined,
    ],
    ['apps/web/src/worker/deep.ts', "import '@poolscope/engine/layouts';", 'web-through-the-door'],
    ['apps/web/src/views/cli.ts', "import '../../../../packages/cli/src/door.ts';", 'web-through-the-door'],
    ['apps/web/src/lab/good.ts', "import '@poolscope/lab';", undefined],
    ['apps/web/src/views/lab.ts', "import '@poolscope/lab';", 'web-lab-apart'],
    ['apps/web/src/app/node.ts', "import 'node:fs';", 'web-host-neutral'],
    ['apps/web/src/app/node.test.ts', "import 'node:fs'; import '@poolscope/lab';", undefined],
  ];
  const placeOf = (path: string): string => (path.startsWith('apps/') ? path : `packages/${path}`);
  let violations: Map<string, string[]>;

  beforeAll(async () => {
    const doors = {
      '.': './dist/index.js',
      './base': './dist/base/index.js',
      './layouts': './dist/layouts/index.js',
      './fleet': './dist/fleet/index.js',
    };
    const libraries = { dependencies: { lib: '1.0.0' }, devDependencies: { devlib: '1.0.0' } };
    for (const name of ['engine', 'lab', 'cli']) {
      const manifest = { name: `@poolscope/${name}`, type: 'module', exports: doors, ...libraries };
      write(`packages/${name}/package.json`, JSON.stringify(manifest));
      for (const door of Object.values(doors)) write(`packages/${name}/${door}`, 'export {};');
      mkdirSync(join(tree, 'node_modules/@poolscope'), { recursive: true });
      symlinkSync(
        join('..', '..', 'packages', name),
        join(tree, 'node_modules/@poolscope', name),
        'junction',
      );
    }
    for (const name of ['lib', 'devlib']) {
      write(`node_modules/${name}/package.json`, `{"name":"${name}","main":"index.js","types":"index.d.ts"}`);
      write(`node_modules/${name}/index.js`, '');
      write(`node_modules/${name}/index.d.ts`, 'export interface L {}');
    }
    write('package.json', JSON.stringify({ name: 'tree', type: 'module', ...libraries }));
    write('tsconfig.base.json', '{"compilerOptions":{"module":"nodenext"}}');
    for (const folder of ['io', 'mmu', 'dump', 'pdb', 'cpu', 'system'])
      write(`packages/engine/src/${folder}/index.ts`, 'export {};');
    write('packages/engine/src/session.ts', 'export {};');
    write('packages/cli/test/help.ts', 'export {};');
    write('packages/engine/src/base/b.ts', "import './a.ts';");
    write('packages/engine/src/base/x.test.ts', 'export {};');
    for (const [path, text] of cases) write(placeOf(path), text);
    const args = [
      '--config',
      join(root, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      'packages',
      'apps',
    ];
    const { output } = await tool('dependency-cruiser', args, 'depcruise');
    violations = new Map();
    for (const { from, rule } of JSON.parse(output.slice(output.indexOf('{'))).summary.violations) {
      violations.set(from, [...(violations.get(from) ?? []), rule.name]);
    }
  });

  it.each(cases)('%s: %s breaks %s', (path, _text, rule) => {
    expect([...new Set(violations.get(placeOf(path)) ?? [])]).toEqual(rule === undefined ? [] : [rule]);
  });
});

describe('host-neutral sources', () => {
  const globals = [
    'process',
    'Buffer',
    'console',
    'require',
    'setTimeout',
    'fetch',
    'TextDecoder',
    'window',
    'document',
  ];

  it.each(['engine', 'lab'])('%s: no global of Node or of the browser compiles', async (name) => {
    const uses = globals.map((global) => `export const use${global} = ${global};`).join('\n');
    write(`probe-${name}/src/probe.ts`, uses);
    write(`probe-${name}/src/alive.ts`, 'export const alive: bigint = BigInt(Math.max(1, 2));');
    const config = {
      extends: join(root, 'packages', name, 'tsconfig.json'),
      include: ['src'],
      references: [],
    };
    const compilerOptions = { noEmit: true, composite: false, incremental: false, rootDir: 'src' };
    write(`probe-${name}/tsconfig.json`, JSON.stringify({ ...config, compilerOptions }));
    const { output } = await tool('typescript', ['-p', `probe-${name}`, '--pretty', 'false'], 'tsc');
    const refused = [...output.matchAll(/error TS\d+: Cannot find name '(\w+)'/g)].map((match) => match[1]);
    expect(refused).toEqual(globals);
    expect(output).not.toContain('alive.ts');
  });
});

describe('lint rules', () => {
  const faults: [string, string][] = [
    ['no-floating-promises', 'export async function work() {}\nexport function f() {\n  work();\n}'],
    ['eqeqeq', 'export const same = (a: number, b: number) => a == b;'],
    ['no-explicit-any', 'export const value = (given: any): unknown => given;'],
    ['no-console', "export const say = () => console.log('x');"],
    ['no-unused-vars', 'export function f() {\n  const unused = 1;\n}'],
    ['consistent-type-imports', "import { Thing } from './thing.ts';\nexport type Other = Thing;"],
    ['no-warning-comments', '// xxx: later\nexport const x = 1;'],
    ['max-lines', 'export {};\n'.repeat(401)],
    [
      'switch-exhaustiveness-check',
      "export function f(a: 'x' | 'y') {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n}",
    ],
  ];

  it.each(faults)('%s', async (rule, text) => {
    const folder = `lint-${rule}`;
    write(`${folder}/thing.ts`, 'export interface Thing {\n  readonly a: number;\n}');
    write(`${folder}/probe.ts`, text);
    write(
      `${folder}/tsconfig.json`,
      '{"compilerOptions":{"strict":true,"module":"nodenext","types":[],"noEmit":true,"allowImportingTsExtensions":true}}',
    );
    const args = [
      '--config',
      join(root, '.oxlintrc.json'),
      '--deny-warnings',
      '--format',
      'json',
      join(tree, folder),
    ];
    const { code, output } = await runTool('oxlint', args);
    const codes = JSON.parse(output.slice(output.indexOf('{'))).diagnostics.map(
      ({ code: name }: { code: string }) => name,
    );
    expect(codes.join()).toContain(`(${rule})`);
    expect(code).not.toBe(0);
  });
});
