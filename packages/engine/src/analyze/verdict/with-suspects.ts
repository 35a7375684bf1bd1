import type { Finding } from './finding.ts';
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
  const suspects = [...byTag, ...byText, ...byCopy];
  const grounds = suspects.flatMap(({ ground }) => ground ?? []);
  return {
    ...finding,
    grounds: [...finding.grounds, ...grounds],
    suspects: [...finding.suspects, ...suspects, ...suspectsOnStack(scene)],
  };
}
