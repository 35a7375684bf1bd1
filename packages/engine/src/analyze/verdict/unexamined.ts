import { padHex } from '../../base/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { poolKind } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { FaultSite } from '../fault.ts';
import type { Evidence, Verdict } from '../report.ts';

/** How sure a bug check of another trade is not about pool: pool damage can still be behind it. */
const notPoolConfidence = 0.8;

/**
 * What can be said before pool itself is examined: `not-pool` where the bug check has nothing to do with pool,
 * else `unknown` with the facts that the dump gives.
 */
export function unexaminedVerdict(system: CrashedSystem, fault: FaultSite | undefined): Verdict {
  const unrelated = system.bugCheck.relatesToPool === 'no';
  return {
    kind: unrelated ? 'not-pool' : 'unknown',
    confidence: unrelated ? notPoolConfidence : 0,
    summary: summary(system, fault, unrelated),
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    suspects: [],
    evidence: evidence(system, fault),
    next: [],
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

/** Why pool tells nothing of the crash. */
function whatWasSeen(system: CrashedSystem): string {
  if (poolKind(system).kind === 'segment-heap') return 'pool on the segment heap was not examined';
  if (system.isLive) return 'pool was not examined';
  return system.memory instanceof PagedMemory
    ? 'no damage was found in the pool that was looked at'
    : 'a dump of this kind holds hardly any pool';
}

function evidence(system: CrashedSystem, fault: FaultSite | undefined): Evidence[] {
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
  if (fault !== undefined) list.push(faultClaim(system, fault));
  return list;
}

function faultClaim(system: CrashedSystem, fault: FaultSite): Evidence {
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
    command: `u ${system.shortText(fault.ip)} L1`,
  };
}
