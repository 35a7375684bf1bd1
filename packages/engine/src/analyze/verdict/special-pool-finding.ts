import type { Va } from '../../base/index.ts';
import { readSpecialPool, type SpecialBlock, tagText } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isReporter } from '../kernel-modules.ts';
import type { DamageFacts } from '../report.ts';
import { specialBlock } from './block-facts.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { callerOf, logOfBlock } from './log-of-block.ts';
import { payloadAt } from './payload.ts';
import { parameterWith, type Scene } from './scene.ts';

const [corruption, freed, beyondEnd, driverFreed, driverBeyondEnd] = [0xc1, 0xcc, 0xcd, 0xd5, 0xd6];

/** Special pool catches the deed itself: what its bug checks prove. */
export function specialPoolFinding(scene: Scene): Finding | undefined {
  switch (scene.system.bugCheck.baseCode) {
    case beyondEnd:
    case driverBeyondEnd:
      return beyondBlock(scene);
    case freed:
    case driverFreed:
      return freedPage(scene);
    case corruption:
      return damagedPage(scene);
    default:
      return undefined;
  }
}

/** An access to the page that guards a block. */
function beyondBlock(scene: Scene): Finding | undefined {
  const { system, fault } = scene;
  const address = parameterWith(scene, 'address') ?? fault?.address;
  if (address === undefined) return undefined;
  const block = readSpecialPool(system, address)?.block;
  // Without the block: what lies behind a page is met at its first bytes, what lies before it at its last.
  const isUnder = block === undefined ? (address & 0xfffn) >= 0x800n : block.alignment === 'start';
  const side = isUnder ? 'before its start' : 'past its end';
  const verb = fault?.access === 'read' ? 'read' : 'written';
  return {
    kind: isUnder ? 'pool-underrun' : 'pool-overrun',
    summary: `A special pool block${tagOf(block)} was ${verb} ${side}, and caught in the act at its guard page`,
    block: block === undefined ? null : specialBlock(system, block),
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      proof(`Special pool stopped the machine at the access to ${system.shortText(address)}.`),
      ...guardGrounds(system, address, block),
    ],
    suspects: [...doer(scene), ...ownerOf(system, block)],
  };
}

const tagOf = (block: SpecialBlock | undefined): string =>
  block === undefined ? '' : ` tagged ${tagText(block.tag).trimEnd()}`;

const proof = (claim: string): Ground => ({ rule: 'bug-check-proves', claim, command: '.bugcheck' });

function guardGrounds(system: CrashedSystem, address: Va, block: SpecialBlock | undefined): Ground[] {
  if (block === undefined) return [];
  const text = system.shortText;
  const size = block.size.toString(16);
  return [
    {
      rule: 'headers-frame-it',
      claim: `The page next to it holds the block: ${size} bytes at ${text(block.address)}${tagOf(block)}.`,
      command: `!pool ${text(block.page)}`,
    },
    {
      rule: 'mentioned',
      claim: 'The page of the access is its guard: it is not valid.',
      command: `!pte ${text(address)}`,
    },
  ];
}

/** The module whose instruction touched what it must not; code of the kernel works for its caller. */
function doer({ system, fault, frames }: Scene): SuspectReason[] {
  const at = fault?.ip;
  if (at === undefined) return [];
  const frame = frames.findIndex(({ ip }) => ip === at);
  const stack =
    frame < 0
      ? [at]
      : frames
          .slice(frame)
          .filter(({ trust }) => trust !== 'scan')
          .map(({ ip }) => ip);
  const caller = callerOf(system, stack);
  if (caller === undefined) return [];
  const name = system.symbols.nameOf(caller.at) ?? system.shortText(caller.at);
  const isOwn = caller.at === at;
  const place = system.symbols.locate(at)?.module.name ?? '';
  const through = isOwn || !isReporter(place) ? '' : ` through ${system.symbols.nameOf(at)}`;
  return [
    {
      module: caller.image,
      rule: isOwn ? 'did-it' : 'called-for-it',
      because: `${isOwn ? 'made' : 'called for'} the access at ${name}${through}`,
      ground: {
        rule: 'mentioned',
        claim: `The instruction that did it is ${isOwn ? 'its' : 'called from its'} own: ${name}.`,
        command: `ub ${system.shortText(caller.at)}`,
      },
    },
  ];
}

/** Who asked for the block, by the verifier's own record of it. */
function ownerOf(system: CrashedSystem, block: SpecialBlock | undefined): SuspectReason[] {
  const caller = block?.verifierEntry?.caller;
  const owner = caller === undefined ? undefined : callerOf(system, [caller]);
  return owner === undefined
    ? []
    : [
        {
          module: owner.image,
          rule: 'owns-tag',
          because: `allocated the block at ${owner.name}`,
        },
      ];
}

/** An access to a page that special pool took away when its block was freed. */
function freedPage(scene: Scene): Finding | undefined {
  const { system, fault } = scene;
  const address = parameterWith(scene, 'address') ?? fault?.address;
  if (address === undefined) return undefined;
  const verb = fault?.access === 'write' ? 'written' : 'read';
  const log = logOfBlock(system, address);
  const block = log[0];
  return {
    kind: 'use-after-free',
    summary: `Freed special pool was ${verb}, and caught in the act`,
    block: block === undefined ? null : loggedBlock(system, block.address, block.size),
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      proof(
        `Special pool stopped the machine at the access to ${system.shortText(address)}, on a page whose block is freed.`,
      ),
      ...(block === undefined
        ? []
        : [
            {
              rule: 'log-tells' as const,
              claim: `The verifier's log tells of the block there: ${block.size.toString(16)} bytes at ${system.shortText(block.address)}.`,
              command: `!verifier 80 ${system.shortText(address)}`,
            },
          ]),
    ],
    suspects: doer(scene),
  };
}

/** A freed block of special pool of which only the log tells. */
export const loggedBlock = (
  { hex }: CrashedSystem,
  address: Va,
  size: bigint | number | undefined,
): NonNullable<Finding['block']> => ({
  address: hex(address),
  size: size === undefined ? null : Number(size),
  tag: null,
  pool: null,
  allocator: 'special',
  state: 'free',
});

const [slopBefore, slopAfter, oneBit] = [0x23n, 0x24n, 0x32n];

/** The bytes around a block were not as special pool had left them when it was freed, or the address was wrong. */
function damagedPage(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [, , , subcode] = system.target.dump.header.bugCheckParameters;
  const address = parameterWith(scene, 'pool-address');
  if (address === undefined) return undefined;
  const block = readSpecialPool(system, address)?.block;
  const facts = block === undefined ? null : specialBlock(system, block);
  const at = system.shortText(address);
  const base = {
    block: facts,
    victims: [],
    freedAddress: null,
    suspects: [...freer(scene), ...ownerOf(system, block)],
  };
  if (subcode === slopBefore || subcode === slopAfter || subcode === oneBit) {
    const damage = slopDamage(system, block, subcode === slopAfter);
    const kind =
      subcode === oneBit ? 'single-bit-error' : subcode === slopAfter ? 'pool-overrun' : 'pool-underrun';
    const place = subcode === slopAfter ? 'behind' : 'before';
    return {
      ...base,
      kind,
      damage,
      summary:
        subcode === oneBit
          ? 'One bit next to a special pool block is not what it was'
          : `A special pool block${tagOf(block)} was written ${subcode === slopAfter ? 'past its end' : 'before its start'}, too little to reach the guard page`,
      grounds: [
        proof(`When the block at ${at} was freed, special pool found changed bytes ${place} it.`),
        {
          rule: 'headers-frame-it',
          claim: `The bytes around the block are not the pattern of its page.`,
          command: `!pool ${at}`,
        },
      ],
    };
  }
  return {
    ...base,
    kind: subcode === 0x20n ? 'double-free' : 'invalid-free',
    damage: null,
    freedAddress: address,
    summary:
      subcode === 0x20n
        ? `The special pool address ${at} was freed though it is not allocated`
        : `${at} was freed, which is not the address that the allocation returned`,
    grounds: [proof(`Special pool refused to free ${at}.`)],
  };
}

/** The changed bytes on one side of a block, from the first to the last of them. */
function slopDamage(
  system: CrashedSystem,
  block: SpecialBlock | undefined,
  isBehind: boolean,
): DamageFacts | null {
  const side = isBehind ? 'after' : 'before';
  const changed = (block?.slop ?? []).filter((area) => area.side === side).flatMap((area) => area.changed);
  const [first, last] = [changed[0], changed.at(-1)];
  if (first === undefined || last === undefined) return null;
  const end = last.start + BigInt(last.found.length);
  const payload = payloadAt(first.found, 0);
  return {
    start: system.hex(first.start),
    length: Number(end - first.start),
    pattern: first.isSingleBit && changed.length === 1 ? 'bit' : (payload?.pattern ?? 'mixed'),
    text: payload?.text ?? null,
  };
}

/** Who freed the block: its owner, and so most likely who wrote too much. */
function freer({ system, frames }: Scene): SuspectReason[] {
  const stack = frames.filter(({ trust }) => trust !== 'scan').map(({ ip }) => ip);
  const caller = callerOf(system, stack);
  return caller === undefined
    ? []
    : [
        {
          module: caller.image,
          rule: 'freed-it',
          because: `freed the block at ${caller.name}`,
        },
      ];
}
