import type { Va } from '../../base/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { contradiction } from '../fault.ts';
import type { VerdictKind } from '../report.ts';
import { isInAllocator } from './allocator-fault.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { callerOf } from './log-of-block.ts';
import { mayBeFailedAllocation, nullSource } from './null-source.ts';
import { type Scene, sureStack } from './scene.ts';
import { showFault, showRegisters } from './show.ts';

/** Addresses below are what a NULL pointer and an offset give. */
const nullRange = 0x1_0000n;

const [breakpoint, singleStep, illegalInstruction, privileged, divideByZero, overflow, stackOverflow] = [
  0x8000_0003, 0x8000_0004, 0xc000_001d, 0xc000_0096, 0xc000_0094, 0xc000_0095, 0xc000_00fd,
];
/** Exceptions that bad memory contents do not raise, or hardly ever. */
const otherExceptions: ReadonlyMap<number, string> = new Map([
  [breakpoint, 'a breakpoint in the code'],
  [singleStep, 'a single step'],
  [illegalInstruction, 'an instruction that the processor does not know'],
  [privileged, 'a privileged instruction'],
  [divideByZero, 'a division by zero'],
  [overflow, 'an overflow'],
  [stackOverflow, 'a stack that was too small'],
]);

/** DRIVER_CORRUPTED_EXPOOL and DRIVER_CORRUPTED_MMPOOL */
const corruptedPool: ReadonlySet<number> = new Set([0xc5, 0xd0]);

const [writeToReadOnly, executeOfData, stackBuffer] = [0xbe, 0xfc, 0xf7];

/** Crashes that explain themselves without pool: what the instruction did is a mistake of its own code. */
export function otherFaultFinding(scene: Scene): Finding | undefined {
  const reason = exceptionReason(scene.system) ?? addressReason(scene);
  if (reason === undefined) return undefined;
  return {
    kind: 'not-pool' satisfies VerdictKind,
    summary: reason.summary,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [reason.ground, ...(reason.doubt === undefined ? [] : [reason.doubt])],
    suspects: doer(scene),
  };
}

/** Nothing is wrong with the pool that the dump holds: another cause is likelier. */
export function healthyFinding(scene: Scene, pages: number): Finding {
  const { name } = scene.system.bugCheck;
  const at = scene.fault === undefined ? undefined : scene.system.symbols.nameOf(scene.fault.ip);
  return {
    kind: 'not-pool',
    summary: `The machine stopped with ${name}${at === undefined ? '' : ` at ${at}`}, and no pool in the dump is damaged`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      {
        rule: 'pool-healthy',
        claim: `All ${pages} pages of small pool blocks in the dump are whole, and so are the free lists.`,
        command: '!poolcheck -all',
      },
    ],
    suspects: doer(scene),
  };
}

/** One of them changed in between, or the processor did not do what it was told. */
const registersDiffer = (scene: Scene, computed: Va): Ground => ({
  rule: 'registers-differ',
  claim: `By the saved registers the instruction accessed ${scene.system.shortText(computed)}: either they are not those of the fault, or the hardware failed.`,
  command: showRegisters(scene),
});

interface Reason {
  readonly summary: string;
  readonly doubt?: Ground;
  readonly ground: Ground;
}

function exceptionReason(system: CrashedSystem): Reason | undefined {
  // Not that of the header: there every crash is a breakpoint.
  const code = system.records.exception?.record.code ?? parameterCode(system);
  const what = code === undefined ? undefined : otherExceptions.get(code);
  if (what === undefined) return undefined;
  return {
    summary: `The crash came from ${what}, which has nothing to do with pool`,
    ground: { rule: 'other-cause', claim: `The exception is ${what}.`, command: '.bugcheck' },
  };
}

function parameterCode(system: CrashedSystem): number | undefined {
  const index = system.bugCheck.roles.indexOf('exception-code');
  const value = system.target.dump.header.bugCheckParameters[index];
  return value === undefined ? undefined : Number(value & 0xffff_ffffn);
}

function addressReason(scene: Scene): Reason | undefined {
  const { system, fault } = scene;
  const { baseCode } = system.bugCheck;
  const text = system.shortText;
  if (baseCode === stackBuffer)
    return {
      summary: 'A function wrote over the end of a buffer on its stack',
      ground: {
        rule: 'other-cause',
        claim: 'What the compiler puts behind the buffers of a stack is not what it was.',
        command: '.bugcheck',
      },
    };
  if (baseCode === writeToReadOnly || baseCode === executeOfData) {
    const [at] = system.target.dump.header.bugCheckParameters;
    const verb = baseCode === writeToReadOnly ? 'write to read-only memory' : 'run memory that holds no code';
    const module = system.symbols.locate(at)?.module.name;
    if (module === undefined) return undefined;
    return {
      summary: `Something tried to ${verb}, in the image of ${module}`,
      ground: {
        rule: 'other-cause',
        claim: `${text(at)} is in the image of ${module}, which is not pool.`,
        command: `!address ${text(at)}`,
      },
    };
  }
  const address = fault?.address;
  if (fault === undefined || address === undefined || address >= nullRange || fault.addressFrom === undefined)
    return undefined;
  // What the allocator follows are links in free blocks: none of them is zero.
  if (corruptedPool.has(baseCode) || isInAllocator(scene)) return undefined;
  const offset = address === 0n ? '' : ` with the offset ${text(address)}`;
  // Whether pool has run out a small dump does not tell.
  if (!(system.memory instanceof PagedMemory) && mayBeFailedAllocation(nullSource(scene))) return undefined;
  const other = contradiction(system, fault)?.computed;
  return {
    summary:
      other === undefined
        ? `A NULL pointer${offset} was used`
        : `Windows recorded a NULL pointer${offset}, but the saved registers lead to ${text(other)}`,
    ...(other === undefined ? {} : { doubt: registersDiffer(scene, other) }),
    ground: {
      rule: 'null-pointer',
      claim: `The fault is at address ${text(address)}: a NULL pointer${offset}.`,
      command: showFault(scene, fault.ip),
    },
  };
}

/** MEMORY_MANAGEMENT and PFN_LIST_CORRUPT: whoever asks for memory meets what is wrong with it. */
const isMetByChance = ({ bugCheck }: CrashedSystem): boolean => [0x1a, 0x4e].includes(bugCheck.baseCode);

/** The driver whose instruction it was, or for whom the kernel worked. */
export function doer({ system, fault, frames }: Scene): SuspectReason[] {
  const stack = sureStack(frames);
  const from = fault === undefined ? 0 : Math.max(0, stack.indexOf(fault.ip));
  const caller = callerOf(system, stack.slice(from));
  if (caller === undefined) return [];
  const isOwn = caller.at === fault?.ip;
  return [
    {
      module: caller.image,
      // Where nothing failed the kernel met by chance what is wrong.
      rule: isOwn ? 'faulted' : fault === undefined && isMetByChance(system) ? 'on-stack' : 'nearest-driver',
      because: isOwn
        ? `the instruction is its own, at ${caller.name}`
        : `is the nearest driver on the stack, at ${caller.name}`,
    },
  ];
}
