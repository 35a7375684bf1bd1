import { runToEnd } from '../../memory/index.ts';
import { findTagUsers } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isReporter } from '../kernel-modules.ts';

/** File names of the drivers whose code names a tag. */
export function driversWithTag(system: CrashedSystem, tag: string): Set<string> {
  const names = runToEnd(findTagUsers(system, tag))
    .map(({ module }) => module)
    .filter((name) => !isReporter(name));
  return new Set(names.map((name) => system.modules.find((each) => each.name === name)?.image ?? name));
}
