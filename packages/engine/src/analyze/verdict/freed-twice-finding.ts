import { pageOf, type Va } from '../../base/index.ts';
import { readSpecialPool } from '../../pool/index.ts';
import { loggedBlock } from './block-facts.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { callerOf, logGrounds, logOfBlock, namedInLog } from './log-of-block.ts';
import { type Scene, sureStack } from './scene.ts';
import { showRegisters } from './show.ts';

/** A block of special pool that is freed again: the fault came when the header in front of it was read, on a page that is gone. */
export function freedTwiceFinding(scene: Scene): Finding | undefined {
  const { system, fault } = scene;
  const at = fault?.address;
  if (at === undefined || fault?.access !== 'read') return undefined;
  const freed = findFreedPointer(scene, at);
  if (freed === undefined) return undefined;
  const log = logOfBlock(system, freed);
  const special = readSpecialPool(system, at);
  const isGone = special !== undefined && special.state !== 'allocated' && special.block === undefined;
  const isTold = system.bugCheck.baseCode === freedSpecialPool;
  if (!isGone && !isTold && log.length === 0) return undefined;
  const text = system.shortText;
  // The oldest record of the block is its allocation, unless the ring has lost it: address and size are the same in all.
  const known = log.at(-1);
  return {
    kind: 'double-free',
    summary: `A special pool block${known === undefined ? '' : ` of ${known.size.toString(16)} bytes`} was freed again after its page was taken away`,
    block: loggedBlock(system, known?.address ?? freed, known?.size),
    victims: [],
    damage: null,
    freedAddress: freed,
    grounds: [
      ...(isTold ? [told] : []),
      {
        rule: 'freed-page',
        claim: `The fault is a read of ${text(at)}, on a page of special pool that is not mapped any more.`,
        command: `!pte ${text(at)}`,
      },
      {
        rule: 'followed-pointer',
        claim: `${text(freed)} was being freed: the header in front of it was read.`,
        command: `${showRegisters(scene)}; ub ${text(fault.ip)}`,
      },
      ...logGrounds(system, freed, log),
    ],
    suspects: suspects(scene, freed),
  };
}

/** PAGE_FAULT_IN_FREED_SPECIAL_POOL */
const freedSpecialPool = 0xcc;

const told: Ground = {
  rule: 'bug-check-proves',
  claim: 'The bug check says that memory of special pool was read which was freed before.',
  command: '.bugcheck',
};

/** Functions that give pool back, under every name that symbols or exports know. */
const frees = /^nt!(?:Vf|Verifier|Ve)?(?:ExFreePool|FreePool|ExFreePoolSanityChecks|MmFreeSpecialPool)/;

/** The address that a function which frees was called with: one header behind the fault, in a register of the fault. */
export function findFreedPointer({ system, fault, frames }: Scene, at: Va): Va | undefined {
  const header = BigInt(system.target.pointerSize * 2);
  const candidate = at + header;
  const first = frames.findIndex(({ ip }) => ip === fault?.ip);
  const near = first < 0 ? [] : frames.slice(first, first + 4);
  const isFreeing = near.some(({ ip }) => frees.test(system.symbols.nameOf(ip) ?? ''));
  const held = near.some(({ registers }) =>
    [...registers.entries()].some(([, value]) => value === candidate),
  );
  if (!held) return undefined;
  // Without symbols the registers must say it: the address, and the header in front of it on the same page.
  return isFreeing || pageOf(candidate) === pageOf(at) ? candidate : undefined;
}

function suspects({ system, frames }: Scene, address: Va): SuspectReason[] {
  const before = namedInLog(system, address);
  const now = callerOf(system, sureStack(frames));
  if (now === undefined) return before;
  return [
    { module: now.image, rule: 'freed-it', because: `freed it the second time, at ${now.name}` },
    ...before,
  ];
}
