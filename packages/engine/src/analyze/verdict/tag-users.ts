import { runToEnd } from '../../memory/index.ts';
import { findTagUsers, type TagUser } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isReporter } from '../kernel-modules.ts';
import { imageNamed } from './images.ts';
import { remembered } from './remember.ts';

/** Code that names a tag; one search of all code for each tag. Code that looks which tag a block has is none of it. */
export const usersOfTag: (system: CrashedSystem, tag: string) => readonly TagUser[] = remembered(
  (system: CrashedSystem, tag: string) =>
    runToEnd(findTagUsers(system, tag)).filter(({ use }) => use !== 'compares'),
);

/** File names of the drivers whose code names a tag. */
export function driversWithTag(system: CrashedSystem, tag: string): Set<string> {
  const names = usersOfTag(system, tag)
    .map(({ module }) => module)
    .filter((name) => !isReporter(name));
  return new Set(names.map((name) => imageNamed(system, name)));
}
