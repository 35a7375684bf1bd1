import { runToEnd } from '../../memory/index.ts';
import { describePool, poolKind } from '../../pool/index.ts';
import { badPointer } from './bad-pointer.ts';
import type { Finding, Ground } from './finding.ts';
import { freedMemoryFinding } from './heap-freed-finding.ts';
import type { Scene } from './scene.ts';
import { showRegisters } from './show.ts';
import { cellsWith } from './stale-value.ts';
import { withSuspects } from './with-suspects.ts';

/**
 * A heap frees small blocks together, in a list through their first bytes. Where it followed a bad pointer that it had taken
 * from there, the block is free by then, and the pointer stands there still.
 */
export function heapStaleFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const value = badPointer(scene);
  if (value === undefined || poolKind(system).kind !== 'segment-heap') return undefined;
  const text = system.shortText;
  for (const cell of cellsWith(system, value)) {
    const report = runToEnd(describePool(system, cell));
    if (report.kind !== 'segment-heap') continue;
    const grounds: Ground[] = [
      {
        rule: 'followed-pointer',
        claim: `The kernel followed the pointer ${text(value)}, which is none.`,
        command: showRegisters(scene),
      },
      {
        rule: 'value-in-free-block',
        claim: `That value stands at ${text(cell)}, where a freed block keeps its link.`,
        command: `dq ${text(cell)} L1`,
      },
    ];
    const found = freedMemoryFinding(scene, report, { va: cell, grounds }, cell, true);
    if (found !== undefined) return withSuspects(scene, found);
  }
  return undefined;
}
