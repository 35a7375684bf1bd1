import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * iced-x86 is a CommonJS module that reads its WebAssembly by the file system of Node. Here it becomes a module that fetches
 * it. Everything else of it stays as it is.
 */

const require = createRequire(import.meta.url);
const id = '\0iced-x86';

/** What the module begins and ends with, and what takes its place. */
const replaced = /** @type {const} */ ([
  [/const \{ TextDecoder, TextEncoder \} = require\(`util`\);/, ''],
  [/const path = require\('path'\)\.join\(__dirname, 'iced_x86_bg\.wasm'\);\s*/, ''],
  [/const bytes = require\('fs'\)\.readFileSync\(path\);\s*/, ''],
  [
    /const wasmModule = new WebAssembly\.Module\(bytes\);/,
    'const wasmModule = await WebAssembly.compile(await (await fetch(wasmUrl)).arrayBuffer());',
  ],
]);

/** @returns {import('vite').Plugin} */
export function icedModule() {
  return {
    name: 'iced-module',
    enforce: 'pre',
    resolveId: (source) => (source === 'iced-x86' ? id : undefined),
    load: (asked) => (asked === id ? browserModule() : undefined),
  };
}

function browserModule() {
  const script = require.resolve('iced-x86');
  const wasm = script.replace(/iced_x86\.js$/, 'iced_x86_bg.wasm');
  let text = readFileSync(script, 'utf8');
  for (const [pattern, by] of replaced) {
    if (!pattern.test(text)) throw new Error(`iced-x86 is not what it was: ${pattern} is not in it`);
    text = text.replace(pattern, by);
  }
  const names = [...text.matchAll(/^module\.exports\.([A-Za-z]\w*) ?=/gm)].map((match) => match[1]);
  return [
    `import wasmUrl from ${JSON.stringify(`${wasm}?url`)};`,
    'const module = { exports: {} };',
    text,
    ...[...new Set(names)].map((name) => `const export_${name} = module.exports.${name};`),
    `export { ${[...new Set(names)].map((name) => `export_${name} as ${name}`).join(', ')} };`,
  ].join('\n');
}
