import { runToEnd } from '../../memory/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { describePool } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { asText, badPointer } from './bad-pointer.ts';
import type { Finding } from './finding.ts';
import { findPlaces } from './places.ts';
import type { Scene } from './scene.ts';
import { showRegisters } from './show.ts';
import { suspectsByText } from './suspects-by-text.ts';
import { suspectsOnStack } from './suspects-on-stack.ts';

/** Functions of the allocator, as exports and symbols call them. */
const allocator = /^nt!(?:Ex(?:p|f)?(?:Allocate|Free|DeferredFree)\w*Pool\w*|ExDeferredFreePool)/;
/** Frames from the fault outwards among which one is the allocator's. */
const nearFrames = 8;

/** Did the fault come while the allocator was at work? */
export function isInAllocator({ system, fault, frames }: Scene): boolean {
  const at = frames.findIndex(({ ip }) => ip === fault?.ip);
  const near = at < 0 ? [] : inKernel(system, frames.slice(at, at + nearFrames));
  return near.some(({ ip, trust }) => trust !== 'scan' && allocator.test(system.symbols.nameOf(ip) ?? ''));
}

/** As far as nothing but the kernel's own functions called each other. */
function inKernel({ symbols }: Scene['system'], frames: Scene['frames']): Scene['frames'] {
  const end = frames.findIndex(({ ip }) => symbols.locate(ip)?.module.name !== 'nt');
  return end < 0 ? frames : frames.slice(0, end);
}

/** A place among chunks of a heap whose page was given back: its pointers lead to such places, and sizes that are damaged do. */
function isInChunks(system: CrashedSystem, value: bigint): boolean {
  const report = runToEnd(describePool(system, value));
  return report.kind === 'segment-heap' && report.page.range?.kind === 'vs';
}

/** The allocator followed a pointer that is none. It keeps its pointers in freed blocks; which one is not known any more. */
export function allocatorFaultFinding(scene: Scene): Finding | undefined {
  const value = badPointer(scene);
  // Only where all pool is there is it known that no block holds the pointer any more.
  const isComplete = scene.system.memory instanceof PagedMemory;
  if (value === undefined || !isComplete || !isInAllocator(scene)) return undefined;
  if (isInChunks(scene.system, value)) return undefined;
  if (findPlaces(scene).some(({ grounds }) => grounds.some(({ rule }) => rule === 'led-astray')))
    return undefined;
  const text = scene.system.shortText;
  const words = asText(value, scene.system.target.pointerSize);
  return {
    kind: 'use-after-free',
    summary: `The allocator followed the pointer ${text(value)}, which is none: a freed block, which is gone now, was written into`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      {
        rule: 'in-allocator',
        claim: `The allocator followed the pointer ${text(value)}, which is none. It keeps its pointers in freed blocks.`,
        command: showRegisters(scene),
      },
    ],
    suspects: [
      ...(words === undefined ? [] : suspectsByText(scene.system, words)),
      ...suspectsOnStack(scene),
    ],
  };
}
