import type { Finding } from './finding.ts';
import type { Scene } from './scene.ts';
import { suspectsByTag } from './suspects-by-tag.ts';
import { suspectsByText } from './suspects-by-text.ts';
import { suspectsOnStack } from './suspects-on-stack.ts';

/** A finding with those who may have done it: by the tag of the block, by the text that was written, and on the stack. */
export function withSuspects(scene: Scene, finding: Finding): Finding {
  // Bits flip by themselves: nobody is accused.
  if (finding.kind === 'single-bit-error') return finding;
  const { system } = scene;
  const { block, payload } = finding;
  const byTag = block?.tag == null ? [] : suspectsByTag(system, block.tag);
  const byText = payload === undefined ? [] : suspectsByText(system, payload);
  const suspects = [...byTag, ...byText];
  const grounds = suspects.flatMap(({ ground }) => ground ?? []);
  return {
    ...finding,
    grounds: [...finding.grounds, ...grounds],
    suspects: [...suspects, ...suspectsOnStack(scene)],
  };
}
