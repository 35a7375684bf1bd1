import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Converter, normalizePath } from 'typedoc';
import { root } from '../run.mjs';

/**
 * The reference is made of declarations; what it says about where something is defined leads to the source that they were made from.
 * A declaration has no line numbers of it, so the line is looked for by the name.
 */

/** @type {Map<string, string[]>} */
const read = new Map();

/** @param {string} path below packages @returns {string[]} */
function linesOf(path) {
  const known = read.get(path);
  if (known !== undefined) return known;
  const file = join(root, 'packages', path);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  read.set(path, lines);
  return lines;
}

/** @param {string} path below packages @param {string} name @returns {number} 1 where it is not found */
export function lineOf(path, name) {
  const word = name.replaceAll(/[^\w$]/g, '.');
  const declared = new RegExp(
    String.raw`^export .*\b(?:class|enum|function|interface|type|const|let|namespace)\*? ${word}\b`,
  );
  const member = new RegExp(String.raw`^\s+(?:[a-z]+ )*#?\*?\[?['"]?${word}\b`);
  const lines = linesOf(path);
  const at = lines.findIndex((line) => declared.test(line));
  return (at >= 0 ? at : lines.findIndex((line) => member.test(line))) + 1 || 1;
}

/** @param {import('typedoc').Application} application */
export function pointToSources(application) {
  application.converter.on(Converter.EVENT_RESOLVE_END, (context) => {
    for (const reflection of Object.values(context.project.reflections)) {
      const { sources } = /** @type {import('typedoc').DeclarationReflection} */ (reflection);
      for (const source of sources ?? []) {
        const path = source.fileName.replace(/^.*packages\//, '').replace(/\/dist\//, '/src/');
        source.fileName = normalizePath(`packages/${path.replace(/\.d\.(m?)ts$/, '.$1ts')}`);
        source.line = lineOf(path.replace(/\.d\.(m?)ts$/, '.$1ts'), reflection.name);
        delete source.url;
      }
    }
  });
}
