import { padHex } from '../../base/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { isPlaced, poolKind } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { FaultSite } from '../fault.ts';
import type { Evidence, Suspect, Verdict } from '../report.ts';
import { kernelDump, memoryTest } from './next-steps.ts';
import { mayBeFailedAllocation, nullSource } from './null-source.ts';
import { doer } from './other-fault-finding.ts';
import { provenHeaps } from './proven-heaps.ts';
import type { Scene } from './scene.ts';
import { showFault } from './show.ts';
import { singleBitSign } from './single-bit-sign.ts';
import { suspicionOf } from './weights.ts';

/** How sure a bug check of another trade is not about pool: pool damage can still be behind it. */
const notPoolConfidence = 0.8;

/**
 * What can be said before pool itself is examined: `not-pool` where the bug check has nothing to do with pool,
 * else `unknown` with the facts that the dump gives.
 */
export function unexaminedVerdict(scene: Scene): Verdict {
  const { system, fault } = scene;
  const unrelated = system.bugCheck.relatesToPool === 'no';
  const isOpen = !unrelated && !system.isLive;
  const sign = isOpen ? singleBitSign(scene) : undefined;
  const said = summary(system, fault, unrelated);
  return {
    kind: unrelated ? 'not-pool' : 'unknown',
    confidence: unrelated ? notPoolConfidence : 0,
    summary: sign === undefined ? said : `${said.slice(0, -1)}; ${sign.short}.`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    suspects: unrelated && isInTheAct(system) ? suspectsOf(scene) : [],
    evidence: [
      ...evidence(scene),
      ...(sign === undefined ? [] : [sign.evidence]),
      ...(isOpen ? failedAllocation(scene) : []),
    ],
    next: [
      ...(sign === undefined && !mayBeMemory.has(system.bugCheck.baseCode) ? [] : [memoryTest]),
      ...(isOpen && !(system.memory instanceof PagedMemory) ? [kernelDump] : []),
    ],
    picture: null,
  };
}

function summary(system: CrashedSystem, fault: FaultSite | undefined, unrelated: boolean): string {
  const { name, relatesToPool } = system.bugCheck;
  const looked = whatWasSeen(system);
  if (system.isLive) return `A dump of a running system was taken (${name}): nothing crashed; ${looked}.`;
  const place =
    fault === undefined ? '' : ` at ${system.symbols.nameOf(fault.ip) ?? system.addressText(fault.ip)}`;
  if (unrelated) return `The machine stopped with ${name}${place}, which is not about pool memory.`;
  if (relatesToPool === 'yes')
    return `Windows found damaged or misused pool (${name}${place}); ${looked}, so who did it is not known.`;
  return `The machine stopped with ${name}${place}; whether damaged pool is behind it is not known: ${looked}.`;
}

/** FAULTY_HARDWARE_CORRUPTED_PAGE and STORE_DATA_STRUCTURE_CORRUPTION: what the machine kept is not what it had put there. */
const mayBeMemory: ReadonlySet<number> = new Set([0x12b, 0x1c7]);

const [securityCheck, stackCookie] = [0x139, 2n];
/**
 * Bug checks that stop the driver in what it does wrong: it is on the stack.
 * MULTIPLE_IRP_COMPLETE_REQUESTS, DRIVER_VERIFIER_IOMANAGER_VIOLATION, DRIVER_PORTION_MUST_BE_NONPAGED,
 * DRIVER_VERIFIER_DMA_VIOLATION, DRIVER_OVERRAN_STACK_BUFFER, WDF_VIOLATION, DPC_WATCHDOG_VIOLATION.
 */
const inTheAct: ReadonlySet<number> = new Set([0x44, 0xc9, 0xd3, 0xe6, 0xf7, 0x10d, 0x133]);

/** So does the compiler's check of a function's own stack: the function that called it has overrun its stack. */
function isInTheAct({ bugCheck, target }: CrashedSystem): boolean {
  const [subcode] = target.dump.header.bugCheckParameters;
  return inTheAct.has(bugCheck.baseCode) || (bugCheck.baseCode === securityCheck && subcode === stackCookie);
}

const suspectsOf = (scene: Scene): Suspect[] =>
  doer(scene).map(({ module, rule, because }) => ({
    module,
    score: suspicionOf([rule]),
    because: [because],
  }));

/** Why pool tells nothing of the crash. */
function whatWasSeen(system: CrashedSystem): string {
  if (system.isLive) return 'pool was not examined';
  if (poolKind(system).kind === 'segment-heap') return heapWasNotSeen(system);
  return system.memory instanceof PagedMemory
    ? 'no damage was found in the pool that was looked at'
    : 'a dump of this kind holds hardly any pool';
}

/** What cannot be looked at on the segment heap, and why. */
function heapWasNotSeen(system: CrashedSystem): string {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string') return `pool was not examined, as ${heaps}`;
  if (!(system.memory instanceof PagedMemory)) return 'a dump of this kind holds hardly any pool';
  if (heaps.heaps.length === 0) return 'pool was not examined, as its heaps are not in this dump';
  if (!isPlaced(heaps.keys.heapKey))
    return 'pool was not examined, as the key of its heaps is not in this dump';
  return 'no damage was found in the pool that was looked at';
}

function evidence(scene: Scene): Evidence[] {
  const { system, fault } = scene;
  const { bugCheckCode } = system.target.dump.header;
  const list: Evidence[] = [
    {
      claim: `${system.isLive ? 'The dump carries' : 'The machine stopped with'} bug check ${padHex(bugCheckCode, 1).toUpperCase()}, ${system.bugCheck.name}.`,
      command: '.bugcheck',
    },
  ];
  const { registers, exception } = system.records;
  if (exception !== undefined) {
    list.push({
      claim: 'The exception record says what failed.',
      command: `.exr ${system.shortText(exception.address)}`,
    });
  }
  if (registers !== undefined) {
    const command = registers.kind === 'context' ? '.cxr' : '.trap';
    list.push({
      claim: 'The registers at the fault were saved.',
      command: `${command} ${system.shortText(registers.address)}`,
    });
  }
  if (fault !== undefined) list.push(faultClaim(scene, fault));
  return list;
}

/** Whether pool had run out, and who took it, only the counts by tag can tell. */
function failedAllocation(scene: Scene): Evidence[] {
  const source = nullSource(scene);
  if (source?.from !== 'call' || !mayBeFailedAllocation(source)) return [];
  const by = source.name ?? 'a call whose target is not known';
  return [
    {
      claim: `The NULL pointer came from ${by}: perhaps no memory was left, and who took it is not in this dump.`,
      command: `u ${scene.system.shortText(source.at)} L1`,
    },
  ];
}

function faultClaim(scene: Scene, fault: FaultSite): Evidence {
  const { system } = scene;
  const name = system.symbols.nameOf(fault.ip);
  const nowhere = system.hasAllModules ? 'outside every loaded module' : 'in no module that this dump names';
  const where = name === undefined ? nowhere : `at ${name}`;
  const verb = { read: 'read', write: 'write', execute: 'execute' }[fault.access ?? 'read'];
  const what =
    fault.access === undefined || fault.address === undefined
      ? ''
      : `, which tried to ${verb} ${system.plainText(fault.address)}`;
  return {
    claim: `The faulting instruction is ${where}${what}.`,
    command: showFault(scene, fault.ip),
  };
}
