import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { describePool, type PoolReport } from '../../pool/index.ts';
import { damageFinding } from './damage-finding.ts';
import type { Finding } from './finding.ts';
import { foreignContentFinding } from './foreign-content.ts';
import { freedBlockFinding } from './freed-block.ts';
import { heapDamageFinding } from './heap-damage-finding.ts';
import { heapFreedFinding } from './heap-freed-finding.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';
import { smallPoolOf } from './small-pool.ts';

/** What the page of small blocks at a place says; `cell`: the link or pointer there that is known to be wrong. */
export function examinePlace(scene: Scene, place: Place, cell: Va | undefined): Finding | undefined {
  const { system } = scene;
  const report = runToEnd(describePool(system, place.va));
  const small = smallPoolOf(report);
  if (small === undefined || small.big?.found !== undefined) return undefined;
  if (small.page.verdict === 'damaged') {
    if (report.kind === 'classic') return damageFinding(scene, report, place);
    const found = report.kind === 'segment-heap' ? heapDamageFinding(scene, report, place) : undefined;
    if (found !== undefined) return found;
  }
  const freed = cell === undefined ? undefined : freedFinding(scene, report, place, cell);
  return freed ?? foreignContentFinding(scene, small, place);
}

function freedFinding(scene: Scene, report: PoolReport, place: Place, cell: Va): Finding | undefined {
  if (report.kind === 'classic') return freedBlockFinding(scene, report, place, cell);
  return report.kind === 'segment-heap' ? heapFreedFinding(scene, report, place, cell) : undefined;
}
