import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import {
  describePool,
  type HeapBlock,
  type HeapReport,
  heapCorruption,
  isKernelAddress,
  isPlaced,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { VerdictKind } from '../report.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import { inside } from './caller-judgement.ts';
import { callerSuspects } from './caller-suspects.ts';
import { unallocated } from './caller-table.ts';
import type { Finding, Ground } from './finding.ts';
import { wholePlace } from './heap-named-place.ts';
import { isOfSession, provenHeaps } from './proven-heaps.ts';
import type { Scene } from './scene.ts';
import { seenBlock } from './small-pool.ts';
import { suspectsOnStack } from './suspects-on-stack.ts';

/** What a HEAP_FAILURE_TYPE says by itself; `%` is the address of parameter 3. Source: Microsoft's page on the bug check. */
interface ToldFailure {
  readonly kind: VerdictKind;
  readonly says: string;
}

const damaged = (says: string): ToldFailure => ({ kind: 'pool-header-corruption', says });

/** What the codes say by themselves. Of 12 that is nothing: its address is worked out of a header. */
const told: Readonly<Record<number, ToldFailure>> = {
  0x3: damaged('the header of an entry at % is damaged'),
  0x4: damaged('the headers of several entries, one at %, are damaged'),
  0x5: damaged('the header of the large allocation at % is damaged'),
  0x6: { kind: 'pool-overrun', says: 'the block at % is damaged in the way of an overrun' },
  0x7: { kind: 'pool-underrun', says: 'the block at % is damaged in the way of an underrun' },
  0x8: { kind: 'double-free', says: 'the block at % was free when it was freed' },
  0x9: { kind: 'invalid-free', says: '% is nothing that the heap can free' },
  0xa: damaged('the type of the allocation at % makes no sense'),
  0xb: { kind: 'use-after-free', says: 'the block at % is damaged as by one who used it after its free' },
  0xc: { kind: 'pool-misuse', says: '% was given to a heap that it is not of' },
  0xd: damaged('the list of free blocks is damaged at %'),
  0xe: damaged('a list of the heap is damaged at %'),
  0xf: { kind: 'double-free', says: 'the block at % was free when it was freed' },
  0x10: damaged('what the heap keeps of its blocks at % is damaged'),
  0x11: { kind: 'double-free', says: 'the block at % was free when it was freed' },
  0x13: { kind: 'pool-misuse', says: 'a call named no heap' },
  0x14: { kind: 'pool-misuse', says: 'a request was larger than the heap allows' },
  0x15: { kind: 'pool-misuse', says: 'a request was larger than what may be committed' },
  0x16: { kind: 'invalid-free', says: '% is in no memory of the heaps' },
  0x17: damaged('a block that waits for its free at % is damaged'),
};

/** Does a code say what a caller did, and not what the memory looks like? */
const tellsDeed = (kind: VerdictKind): boolean =>
  aboutRequests.has(kind) || kind === 'double-free' || kind === 'invalid-free';

/** Nothing has to be damaged for these. */
const aboutRequests: ReadonlySet<VerdictKind> = new Set(['pool-misuse']);

/** Codes that a free gets whose address is none of a block's. */
const aboutAddress: ReadonlySet<number> = new Set([0x9, 0x16]);

/** A kernel heap refused to go on: what its code says, and what the memory at the address that it names says of that. */
export function heapFailureFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [type, , third] = system.target.dump.header.bugCheckParameters;
  const code = Number(BigInt.asUintN(32, type));
  const row = told[code];
  if (system.bugCheck.baseCode !== heapCorruption || row === undefined) return undefined;
  const address = isKernelAddress(system, third) ? third : undefined;
  const found = address === undefined ? undefined : runToEnd(describePool(system, address));
  const report = found?.kind === 'segment-heap' ? found : undefined;
  const place = { address, report, row };
  if (report !== undefined && address !== undefined) {
    const proven =
      brokenStructure(scene, report, address) ??
      (aboutAddress.has(code) ? wrongAddress(scene, report, address) : undefined);
    if (proven !== undefined) return proven;
  }
  return byCode(scene, place);
}

interface FailedPlace {
  readonly address: Va | undefined;
  readonly report: HeapReport | undefined;
  readonly row: ToldFailure;
}

/** Nothing but the code tells: damage that is found elsewhere says more. */
function byCode(scene: Scene, { address, report, row: { kind, says } }: FailedPlace): Finding {
  const { system } = scene;
  const text = says.replace('%', address === undefined ? 'an unknown place' : system.shortText(address));
  const hit = report?.block?.state === 'allocated' ? report.block : undefined;
  const isHit = kind === 'pool-header-corruption' && hit !== undefined;
  return {
    kind,
    summary: `The heap stopped the machine: ${text}`,
    block: null,
    victims: isHit ? [victimOf(system, seenBlock(hit, report!.page.range!.heap))] : [],
    damage: null,
    freedAddress: null,
    grounds: [
      {
        rule: tellsDeed(kind) ? 'bug-check-tells' : 'bug-check-names',
        claim: `By its code the heap found that ${text}.`,
        command: '.bugcheck',
      },
      ...(report === undefined || aboutRequests.has(kind) ? [] : wholePlace(system, report)),
    ],
    suspects: suspectsOnStack(scene),
  };
}

/** Rules of what the heap keeps apart from blocks. */
const structures = /^(?:segment|descriptor|lfh|large|list)-/;

/** The heap's own structure there is damaged, as it says. */
function brokenStructure(scene: Scene, { page }: HeapReport, address: Va): Finding | undefined {
  const { system } = scene;
  const broken = page.problems.find(({ rule }) => structures.test(rule));
  if (broken === undefined) return undefined;
  const text = system.shortText;
  const what = `what the heap keeps at ${text(broken.at)} of its blocks or pages`;
  return {
    kind: 'pool-header-corruption',
    summary: `${what.replace(/^w/, 'W')} is damaged`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      namesGround(system, address),
      {
        rule: 'headers-frame-it',
        claim: `${what.replace(/^w/, 'W')} breaks the rule ${broken.rule}.`,
        command: `!poolval ${text(page.address)}`,
      },
    ],
    suspects: suspectsOnStack(scene),
  };
}

const namesGround = ({ shortText: text }: CrashedSystem, address: Va): Ground => ({
  rule: 'bug-check-names',
  claim: `The heap refused ${text(address)}.`,
  command: '.bugcheck',
});

/** An address that no allocation returned: of no heap, on free pages, or amid a block. */
function wrongAddress(scene: Scene, report: HeapReport, address: Va): Finding | undefined {
  const { page, block } = report;
  if (page.range === undefined)
    return knowsAllHeaps(scene.system) && !isOfSession(scene.system, address)
      ? refused(scene, report, address, unallocated.says)
      : undefined;
  if (page.range.kind === 'free')
    return refused(scene, report, address, '% was freed, whose pages belong to no allocation by now');
  if (block === undefined || isStartOf(block, address)) return undefined;
  return refused(scene, report, address, inside.says, block);
}

const headerBytes = 0x10n;

/** The heap names the memory of a block, or the header in front of it. */
const isStartOf = ({ address, data }: HeapBlock, va: Va): boolean =>
  va === address || va === data || va === address + headerBytes;

function refused(
  scene: Scene,
  { page, region }: HeapReport,
  address: Va,
  says: string,
  block?: HeapBlock,
): Finding {
  const { system } = scene;
  const text = says.replace('%', system.shortText(address));
  return {
    kind: 'invalid-free',
    summary: text,
    block: block === undefined ? null : classicBlock(system, seenBlock(block, page.range!.heap), region),
    victims: [],
    damage: null,
    freedAddress: address,
    grounds: [
      {
        rule: 'bug-check-proves',
        claim: `The heap refused the free: ${text}.`,
        command: `.bugcheck; !pool ${system.shortText(address)}`,
      },
    ],
    suspects: callerSuspects(scene, unallocated, address),
  };
}

/** Can it be said that no heap has an address? */
function knowsAllHeaps(system: CrashedSystem): boolean {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string' || !(system.memory instanceof PagedMemory)) return false;
  const isThere = heaps.heaps.length > 0 && heaps.heaps.every(({ signature }) => signature === 'right');
  return isThere && isPlaced(heaps.state) && isPlaced(heaps.keys.heapKey);
}
