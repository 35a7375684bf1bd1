import type { CrashedSystem } from '../../system/index.ts';
import type { Finding, SuspectReason } from './finding.ts';
import type { Scene } from './scene.ts';
import { suspectsByCopy } from './suspects-by-copy.ts';
import { suspectsByTag } from './suspects-by-tag.ts';
import { suspectsByText } from './suspects-by-text.ts';
import { suspectsOnStack } from './suspects-on-stack.ts';

/** A finding with those who may have done it: by the tag of the block, by the text that was written, and on the stack. */
export function withSuspects(scene: Scene, finding: Finding): Finding {
  // Bits flip by themselves: nobody is accused.
  if (finding.kind === 'single-bit-error') return finding;
  const { system } = scene;
  const { block, payload } = finding;
  const tag = block?.tag ?? undefined;
  const byTag = tag === undefined ? [] : suspectsByTag(scene, tag);
  const byText =
    payload === undefined
      ? []
      : suspectsByText(system, payload, payload.length - (finding.damage?.text?.length ?? payload.length));
  const byCopy = finding.damage === null ? [] : suspectsByCopy(scene, BigInt(finding.damage.start));
  const gone = tag !== undefined && byTag.length === 0 ? unloadedBefore(system) : [];
  const suspects = [...byTag, ...byText, ...byCopy, ...gone];
  const grounds = suspects.flatMap(({ ground }) => ground ?? []);
  return {
    ...finding,
    grounds: [...finding.grounds, ...grounds],
    suspects: [...finding.suspects, ...suspects, ...suspectsOnStack(scene)],
  };
}

/** Drivers that are named, the last that went first. */
const mostUnloaded = 3;

/** No loaded driver is known by the tag of the block: one that is no longer there may have made it. */
function unloadedBefore({ unloadedModules, modules }: CrashedSystem): SuspectReason[] {
  const loaded = new Set(modules.map(({ image }) => image.toLowerCase()));
  const names = unloadedModules
    .map(({ name }) => name)
    .filter((name) => name !== 'unknown' && !loaded.has(name.toLowerCase()));
  return [...new Set(names)].slice(0, mostUnloaded).map((module) => ({
    module,
    rule: 'unloaded',
    because: 'was unloaded before the crash, and no loaded driver names the tag',
  }));
}
