import type { Va } from '../../base/index.ts';
import { isKernelAddress } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Scene } from './scene.ts';

/** An entry of a LIST_ENTRY list that a check of its links refused: a neighbour does not lead back to it. */
export interface RefusedEntry {
  readonly entry: Va;
  /** As the entry has them. */
  readonly next: Va;
  readonly previous: Va;
  readonly nextLeadsBack: boolean;
  readonly previousLeadsBack: boolean;
  /** Neither leads back, and one of them is whole in a list without the entry: that was taken out before. */
  readonly wasUnlinked: boolean;
}

const securityCheck = 0x139;
const corruptListEntry = 3n;

/** Did a check of a list stop the machine? Before Windows 8 its instruction, `int 29h`, is one that the processor refuses. */
export function isListCheck({ system, fault }: Scene): boolean {
  const [subcode] = system.target.dump.header.bugCheckParameters;
  if (system.bugCheck.baseCode === securityCheck) return subcode === corruptListEntry;
  const [first, second] = fault?.instruction?.bytes ?? [];
  const code = fault?.registers?.get('rcx') ?? fault?.registers?.get('ecx');
  return first === 0xcd && second === 0x29 && code === corruptListEntry;
}

/** Where an entry is looked for: in the registers, or from neighbours that are in them. */
export function refusedEntry({ system, fault }: Scene): RefusedEntry | undefined {
  const held = addressesIn(system, fault?.registers?.entries() ?? []);
  const own = [...held].flatMap((entry) => refused(system, entry) ?? []);
  const loaded = own.filter(({ next, previous }) => held.has(next) || held.has(previous));
  // The code for the stop takes the place of a register, which may be that of the entry.
  const lost = loaded.length > 0 ? [] : lostEntries(system, held);
  return [...loaded, ...lost].sort((a, b) => likelihood(b) - likelihood(a))[0];
}

/** Entries that one neighbour leads to, or that were in a list as it is now. */
const likelihood = ({ nextLeadsBack, previousLeadsBack, wasUnlinked }: RefusedEntry): number =>
  Number(nextLeadsBack || previousLeadsBack || wasUnlinked);

function addressesIn(system: CrashedSystem, values: Iterable<readonly [string, bigint]>): Set<Va> {
  const { pointerSize } = system.target;
  const isAligned = (va: Va): boolean => va % BigInt(pointerSize) === 0n;
  return new Set(
    [...values]
      .map(([, value]) => (pointerSize === 4 ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : value))
      .filter((va) => isKernelAddress(system, va) && isAligned(va)),
  );
}

function refused(system: CrashedSystem, entry: Va): RefusedEntry | undefined {
  const { target } = system;
  const size = BigInt(target.pointerSize);
  const [next, previous] = [target.readPointer(entry), target.readPointer(entry + size)];
  if (next === undefined || previous === undefined) return undefined;
  if (!isKernelAddress(system, next) || !isKernelAddress(system, previous)) return undefined;
  // One that leads to itself has no neighbours: it is none of a list.
  if (next === entry || previous === entry) return undefined;
  const [behind, before] = [target.readPointer(next + size), target.readPointer(previous)];
  const [nextLeadsBack, previousLeadsBack] = [behind === entry, before === entry];
  if (behind === undefined || before === undefined) return undefined;
  if (nextLeadsBack && previousLeadsBack) return undefined;
  // A neighbour is whole where what it leads back to leads on to it.
  const isWhole = target.readPointer(behind) === next || target.readPointer(before + size) === previous;
  const wasUnlinked = isWhole && !nextLeadsBack && !previousLeadsBack;
  return { entry, next, previous, nextLeadsBack, previousLeadsBack, wasUnlinked };
}

/** What the neighbours in the registers lead to, where that leads back to both. */
function lostEntries(system: CrashedSystem, held: ReadonlySet<Va>): RefusedEntry[] {
  const { target } = system;
  const size = BigInt(target.pointerSize);
  const entries = new Set([...held].flatMap((va) => [target.readPointer(va), target.readPointer(va + size)]));
  return [...entries].flatMap((entry) => {
    const found = entry === undefined || held.has(entry) ? undefined : refused(system, entry);
    return found !== undefined && held.has(found.next) && held.has(found.previous) ? [found] : [];
  });
}
