import type { Va } from '../../base/index.ts';
import { readSpecialPool, type SpecialBlock } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { loggedBlock, specialBlock } from './block-facts.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { logOfBlock, namedInLog } from './log-of-block.ts';
import { parameterWith, type Scene } from './scene.ts';
import { proof, tagOf } from './special-grounds.ts';
import { damagedPage } from './special-slop-finding.ts';
import { doer, ownerOf } from './special-suspects.ts';

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
    suspects: usersOf(scene, address),
  };
}

/** Who used it; where no driver is on the stack, who freed it by the log: a timer or the like was left in it. */
function usersOf(scene: Scene, address: Va): SuspectReason[] {
  const users = doer(scene);
  return users.length > 0 ? users : namedInLog(scene.system, address);
}
