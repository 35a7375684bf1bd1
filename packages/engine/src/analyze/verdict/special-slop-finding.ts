import { readSpecialPool, type SpecialBlock } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { DamageFacts, VictimFacts } from '../report.ts';
import { specialBlock } from './block-facts.ts';
import { damageOf } from './damage-facts.ts';
import type { Finding } from './finding.ts';
import { payloadAt } from './payload.ts';
import { parameterWith, type Scene } from './scene.ts';
import { proof, tagOf } from './special-grounds.ts';
import { freer, ownerOf } from './special-suspects.ts';

const [slopBefore, slopAfter, oneBit] = [0x23n, 0x24n, 0x32n];

/** Sub-codes of requests at an IRQL too high for them. */
const [allocatedTooHigh, freedTooHigh] = [0x30n, 0x31n];

function requestTooHigh(scene: Scene, subcode: bigint): Finding {
  const verb = subcode === freedTooHigh ? 'freed' : 'allocated';
  const address = subcode === freedTooHigh ? parameterWith(scene, 'pool-address') : undefined;
  const block = address === undefined ? undefined : readSpecialPool(scene.system, address)?.block;
  return {
    kind: 'pool-misuse',
    summary: `A driver ${verb} special pool at an IRQL too high for it`,
    block: block === undefined ? null : specialBlock(scene.system, block),
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [proof(`Special pool refused the request, which was made at an IRQL too high for it.`)],
    suspects: freer(scene).map((each) => ({
      ...each,
      because: each.because.replace('freed the block', 'made the request'),
    })),
  };
}

/** The bytes around a block were not as special pool had left them when it was freed, or the address was wrong. */
export function damagedPage(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [, , , subcode] = system.target.dump.header.bugCheckParameters;
  if (subcode === allocatedTooHigh || subcode === freedTooHigh) return requestTooHigh(scene, subcode);
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
  if (subcode === oneBit) return changedBeside(scene, block, at);
  if (subcode === slopBefore || subcode === slopAfter) {
    const isBehind = subcode === slopAfter;
    return {
      ...base,
      kind: isBehind ? 'pool-overrun' : 'pool-underrun',
      damage: slopDamage(system, block, isBehind),
      summary: `A special pool block${tagOf(block)} was written ${isBehind ? 'past its end' : 'before its start'}, too little to reach the guard page`,
      grounds: changedGrounds(at, isBehind),
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

/** One bit that is wrong is hardly the work of the one who frees; where more changed, it was no bit that flipped. */
function changedBeside({ system }: Scene, block: SpecialBlock | undefined, at: string): Finding {
  const damage = slopDamage(system, block, false) ?? slopDamage(system, block, true);
  const isBit = damage === null || damage.pattern === 'bit';
  return {
    kind: isBit ? 'single-bit-error' : 'stray-write',
    summary: isBit
      ? 'One bit next to a special pool block is not what it was'
      : 'Bytes next to a special pool block were overwritten, more than one bit of them',
    block: null,
    victims: block === undefined ? [] : [victimOfSpecial(system, block)],
    damage,
    freedAddress: null,
    grounds: changedGrounds(at, false),
    suspects: [],
  };
}

function victimOfSpecial(system: CrashedSystem, block: SpecialBlock): VictimFacts {
  const { address, size, tag, state } = specialBlock(system, block);
  return { address, size, tag, state };
}

const changedGrounds = (at: string, isBehind: boolean): Finding['grounds'] => [
  proof(
    `When the block at ${at} was freed, special pool found changed bytes ${isBehind ? 'behind' : 'before'} it.`,
  ),
  {
    rule: 'headers-frame-it',
    claim: 'The bytes around the block are not the pattern of its page.',
    command: `!pool ${at}`,
  },
];

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
  const length = Number(end - first.start);
  const damage = damageOf(system, first.start, payloadAt(first.found, 0), { at: 0, length });
  const isBit = first.isSingleBit && changed.length === 1;
  return { ...damage, length, ...(isBit && { pattern: 'bit' }) };
}
