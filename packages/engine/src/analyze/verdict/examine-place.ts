import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { describePool } from '../../pool/index.ts';
import { damageFinding } from './damage-finding.ts';
import type { Finding } from './finding.ts';
import { foreignContentFinding } from './foreign-content.ts';
import { freedBlockFinding } from './freed-block.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';

/** What the page of small blocks at a place says; `cell`: the link or pointer there that is known to be wrong. */
export function examinePlace(scene: Scene, place: Place, cell: Va | undefined): Finding | undefined {
  const { system } = scene;
  const report = runToEnd(describePool(system, place.va));
  if (report.kind !== 'classic' || report.big?.found !== undefined) return undefined;
  if (report.page.verdict === 'damaged') return damageFinding(scene, report, place);
  const freed = cell === undefined ? undefined : freedBlockFinding(scene, report, place, cell);
  return freed ?? foreignContentFinding(scene, report, place);
}
