import type { Va } from '../base/index.ts';
import { ImageProblem, MappedImage, readDebugDirectory, readExports } from '../pe/index.ts';
import type { Target } from './target.ts';

/**
 * The file name that a loaded image tells of itself, for one whose loader entry has none that can be read: the name in its
 * export directory, which is how the linker called it; else that of its PDB with `.sys` for `.pdb`, a guess that holds for
 * drivers. Undefined where neither is in the dump or is a plain file name.
 */
export function imageOwnName({ memory }: Target, base: Va, size: number): string | undefined {
  const image = new MappedImage(memory, base, size);
  const exports = readExports(image);
  const linked = exports instanceof ImageProblem ? undefined : plainName(exports.imageName);
  if (linked !== undefined) return linked;
  const debug = readDebugDirectory(image);
  const pdb = debug instanceof ImageProblem ? undefined : plainName(debug.codeView?.pdbName);
  return pdb?.replace(/\.pdb$/i, '.sys');
}

/** Longer ones and other characters are no names that Windows gives its images. */
const plainName = (text: string | undefined): string | undefined =>
  text !== undefined && /^[\w$@~-][\w$@~. -]{0,62}\.\w{1,4}$/.test(text) ? text : undefined;
