import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * For bundlers with plugins of Rollup's form (Vite, Rolldown, Rollup). iced-x86, which disassembles x86 and x64, is a CommonJS
 * module that reads its WebAssembly by the file system of Node. Here it becomes a module for browsers. Everything else of it
 * stays as it is.
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
    'const wasmModule = await WebAssembly.compile(await readWasm());',
  ],
]);

/**
 * The plugin. With `inline` the WebAssembly (0.8 MB) is part of the script, which every bundler can do; without it, it is a file
 * beside the script, as Vite makes of `?url`.
 * @param {{ readonly inline?: boolean }} [options]
 */
export function icedModule({ inline = false } = {}) {
  return {
    name: 'iced-module',
    enforce: /** @type {const} */ ('pre'),
    resolveId: (/** @type {string} */ source) => (source === 'iced-x86' ? id : undefined),
    load: (/** @type {string} */ asked) => (asked === id ? browserModule(inline) : undefined),
  };
}

/** @param {boolean} inline */
function browserModule(inline) {
  const script = require.resolve('iced-x86');
  const wasm = script.replace(/iced_x86\.js$/, 'iced_x86_bg.wasm');
  let text = readFileSync(script, 'utf8');
  for (const [pattern, by] of replaced) {
    if (!pattern.test(text)) throw new Error(`iced-x86 is not what it was: ${pattern} is not in it`);
    text = text.replace(pattern, by);
  }
  const names = [...text.matchAll(/^module\.exports\.([A-Za-z]\w*) ?=/gm)].map((match) => match[1]);
  return [
    ...(inline ? inlined(wasm) : fetched(wasm)),
    'const module = { exports: {} };',
    text,
    ...[...new Set(names)].map((name) => `const export_${name} = module.exports.${name};`),
    `export { ${[...new Set(names)].map((name) => `export_${name} as ${name}`).join(', ')} };`,
  ].join('\n');
}

/** @param {string} wasm */
const fetched = (wasm) => [
  `import wasmUrl from ${JSON.stringify(`${wasm}?url`)};`,
  'const readWasm = async () => (await fetch(wasmUrl)).arrayBuffer();',
];

/** @param {string} wasm */
const inlined = (wasm) => [
  `const wasmText = ${JSON.stringify(readFileSync(wasm, 'base64'))};`,
  'const readWasm = async () => Uint8Array.from(atob(wasmText), (character) => character.charCodeAt(0));',
];
