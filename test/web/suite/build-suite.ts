import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { icedModule } from '../../../packages/engine/bundler/iced-module.mjs';

/** The engine's unit tests as the script of a worker. */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

/** What a file needs that a browser has not, by its text and that of what it imports from other folders of tests. */
const needs = [
  [/'node:/, 'modules of Node.js'],
  [/shared-files/, 'files of the folder shared'],
  [/\bprocess\./, 'the process'],
  [/\bBuffer\./, 'the Buffer of Node.js'],
  [/import\.meta\b/, 'the place of its file'],
  [/\bsetImmediate\b/, 'setImmediate'],
  [/\bvi\./, 'modules that are loaded anew'],
] as const;

/** Tests that play whole machines take most of the time. */
const playsMachines = /'@poolscope\/lab'/;

export interface SuiteFiles {
  /** Paths from the root of the repository. */
  readonly taken: readonly string[];
  /** Those of the taken ones that play no machines: what is most of a host is in them, and they take seconds. */
  readonly quick: readonly string[];
  /** Files left out, with the reason. */
  readonly left: ReadonlyMap<string, string>;
}

export function suiteFiles(): SuiteFiles {
  const folder = join(root, 'packages/engine/src');
  const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted();
  const left = new Map<string, string>();
  const taken: string[] = [];
  const quick: string[] = [];
  for (const test of tests) {
    const path = join(folder, test);
    const reason = reasonToLeave(path, new Set());
    const name = relative(root, path).replaceAll('\\', '/');
    if (reason !== undefined) left.set(name, reason);
    else {
      taken.push(name);
      if (!textsOf(path, new Set()).some((text) => playsMachines.test(text))) quick.push(name);
    }
  }
  return { taken, quick, left };
}

/** The text of a test, and those of what it shares with others. */
function textsOf(path: string, seen: Set<string>): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  return [text, ...sharedBy(path, text).flatMap((each) => textsOf(each, seen))];
}

/** What a test imports from folders of tests. */
const sharedBy = (path: string, text: string): string[] =>
  [...text.matchAll(/from '(\.[^']+\.(?:ts|mjs))'/g)]
    .map(([, name]) => resolve(dirname(path), name!))
    .filter((each) => /[/\\]test[/\\]|\.mjs$/.test(relative(root, each)));

/** Sources of the packages need nothing of Node (a check of imports sees to it); what tests share may. */
function reasonToLeave(path: string, seen: Set<string>): string | undefined {
  if (seen.has(path)) return undefined;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  const need = needs.find(([pattern]) => pattern.test(text))?.[1];
  if (need !== undefined) return need;
  for (const each of sharedBy(path, text)) {
    const reason = reasonToLeave(each, seen);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const testsHaveEffects = {
  name: 'tests-have-effects',
  transform: (code: string, id: string) =>
    id.endsWith('.test.ts') ? { code, map: null, moduleSideEffects: true } : undefined,
};

/** Writes the site of a worker `suite.js` into a folder; what it runs is told by its first message. */
export async function buildSuite(files: readonly string[], folder: string, scratch: string): Promise<void> {
  const entry = join(scratch, 'suite.ts');
  const imports = files.map(
    (name) => `  ${JSON.stringify(name)}: () => import(${JSON.stringify(root + name)}),`,
  );
  writeFileSync(
    entry,
    `import { runSuite } from ${JSON.stringify(`${here}run-suite.ts`)};
const files = {\n${imports.join('\n')}\n};
runSuite(files).then((outcomes) => postMessage({ outcomes }), (error) => postMessage({ failed: String(error?.stack ?? error) }));
`,
  );
  const source = (name: string) => join(root, name);
  await build({
    configFile: false,
    root,
    base: './',
    publicDir: false,
    logLevel: 'error',
    plugins: [icedModule(), testsHaveEffects],
    resolve: {
      alias: [
        { find: /^vitest$/, replacement: `${here}vitest-in-worker.ts` },
        { find: '@poolscope/engine/layouts', replacement: source('packages/engine/src/layouts/index.ts') },
        { find: '@poolscope/engine/base', replacement: source('packages/engine/src/base/index.ts') },
        { find: /^@poolscope\/engine$/, replacement: source('packages/engine/src/index.ts') },
        { find: /^@poolscope\/lab$/, replacement: source('packages/lab/src/index.ts') },
      ],
    },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2023',
      minify: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1 << 16,
      // The package says that its modules have no effects but what they export; tests are nothing else.
      rolldownOptions: { treeshake: false, input: entry, output: { entryFileNames: 'suite.js' } },
    },
  });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>tests</title>');
}
