import { runToEnd } from '../../memory/index.ts';
import { describePool } from '../../pool/index.ts';
import { damageFinding } from './damage-finding.ts';
import type { Finding } from './finding.ts';
import { freedBlockFinding } from './freed-block.ts';
import { findPlaces } from './places.ts';
import type { Scene } from './scene.ts';
import { suspectsByTag } from './suspects-by-tag.ts';
import { suspectsByText } from './suspects-by-text.ts';
import { suspectsOnStack } from './suspects-on-stack.ts';

/** The first damaged page of small blocks among the places that the crash points to, and whose the bytes may be. */
export function blockDamageFinding(scene: Scene): Finding | undefined {
  for (const place of findPlaces(scene)) {
    const report = runToEnd(describePool(scene.system, place.va));
    if (report.kind !== 'classic' || report.big?.found !== undefined) continue;
    const found =
      report.page.verdict === 'damaged'
        ? damageFinding(scene.system, report, place)
        : freedBlockFinding(scene.system, report, place);
    if (found !== undefined) return withSuspects(scene, found);
  }
  return undefined;
}

function withSuspects(scene: Scene, finding: Finding): Finding {
  const { system } = scene;
  // Bits flip by themselves: nobody is accused.
  if (finding.kind === 'single-bit-error') return finding;
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
