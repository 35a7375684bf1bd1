import { builtInOwners } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { analyze } from '../analyze.ts';
import { findFault } from '../fault.ts';
import type { Detector } from '../own-detector.ts';
import type { Report } from '../report.ts';
import type { Block } from './block.ts';
import { bugCheckBlocks } from './bug-check-blocks.ts';
import { crashStack } from './crash-stack.ts';
import { faultBlocks } from './fault-blocks.ts';
import { type Followup, findFollowup } from './followup.ts';
import { followupBlocks } from './followup-blocks.ts';
import { stackBlocks } from './stack-blocks.ts';
import { systemBlocks } from './system-blocks.ts';
import { verdictBlock } from './verdict-block.ts';

/** What `!analyze -v` shows: blocks under the debugger's names and in its order, each only where its value is known. */
export interface ClassicReport {
  readonly blocks: readonly Block[];
  readonly followup: Followup | undefined;
  readonly report: Report;
}

/**
 * What the debugger knows by databases or guesses (owners of modules, hashes of buckets, problem classes, counts of earlier
 * crashes, virtual machines) is left out. `path` is what the user called the file.
 */
export function classicReport(
  system: CrashedSystem,
  path: string,
  owners = builtInOwners(),
  detectors: readonly Detector[] = [],
): ClassicReport {
  const { report } = analyze(system, path, owners, detectors);
  const fault = findFault(system);
  const stack = crashStack(system);
  const frames = stack?.frames ?? [];
  const followup = findFollowup(system, fault, frames);
  const blocks = [
    ...bugCheckBlocks(system, path),
    ...faultBlocks(system, fault, frames),
    ...stackBlocks(system, stack),
    ...followupBlocks(system, followup, stack),
    ...systemBlocks(system, report),
    ...verdictBlock(system, report),
  ];
  return { blocks, followup, report };
}
