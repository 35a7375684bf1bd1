import type { MemorySuspicion } from './memory.ts';
import type { Counts } from './presence.ts';
import type { Naming, Presence, Recurrence } from './result.ts';
import type { CrashRow } from './rows.ts';
import { keysOf } from './single-dump.ts';

interface DriverFacts {
  readonly module: string;
  readonly versions: readonly string[];
  readonly presence: Presence;
  readonly naming: Naming;
  /** How likely it is guilty of damaged pool anywhere in the fleet; 0: that is not asked. */
  readonly elsewhere: number;
  readonly rows: readonly CrashRow[];
  /** Machines with crashes of this and other buckets with the same tag; undefined: no others have it. */
  readonly wider: Counts | undefined;
  readonly recurrences: ReadonlyMap<string, Recurrence>;
  readonly twins: readonly string[];
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${Math.round((100 * part) / whole)} %`;

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** Why a driver is on the list, in sentences; also what cannot be known. */
export function driverReasons(facts: DriverFacts): string[] {
  return [
    ...namingReasons(facts),
    ...presenceReasons(facts),
    ...widerReasons(facts),
    ...elsewhereReasons(facts),
    ...recurrenceReasons(facts),
    ...twinReasons(facts),
  ];
}

function namingReasons({ naming: { named, crashes, score } }: DriverFacts): string[] {
  if (named === 0) return [];
  return [
    `${named} of ${count(crashes, 'dump')} ${named === 1 ? 'names' : 'name'} it, with ${score.toFixed(2)} in the mean`,
  ];
}

function presenceReasons({ presence, versions }: DriverFacts): string[] {
  const { casesWith, cases, othersWith, others, logOdds, from, q } = presence;
  const what = versions.length === 0 ? 'it' : `version ${versions.join(' or ')}`;
  if (others === 0) return ['all machines have such crashes: there are none to compare with'];
  if (casesWith === cases && othersWith === others)
    return [`${what} is on all machines: where it is tells nothing`];
  const both = `${what} is on ${casesWith} of ${count(cases, 'machine')} with these crashes and on ${othersWith} of ${others} others (${percent(casesWith, cases)}, ${percent(othersWith, others)})`;
  if (from > 0)
    return [`${both}: odds ${Math.exp(logOdds).toFixed(1)} times as high, false discovery rate ${rate(q)}`];
  return [`${both}: no clear difference`];
}

/** What the presence in a small bucket may not show. */
function widerReasons({ wider, versions }: DriverFacts): string[] {
  if (wider === undefined || wider.others === 0) return [];
  const { casesWith, cases, othersWith, others } = wider;
  if (casesWith === cases && othersWith === others) return [];
  const what = versions.length === 0 ? 'it' : `version ${versions.join(' or ')}`;
  return [
    `with other buckets that have its tag ${what} is on ${casesWith} of ${count(cases, 'machine')} and on ${othersWith} of ${others} others (${percent(casesWith, cases)}, ${percent(othersWith, others)})`,
  ];
}

/** Below that it is no reason to tell. */
const leastElsewhere = 0.3;

const elsewhereReasons = ({ elsewhere }: DriverFacts): string[] =>
  elsewhere < leastElsewhere
    ? []
    : [
        `it is suspected of the crashes by damaged pool in all buckets together, with ${elsewhere.toFixed(2)}`,
      ];

const rate = (q: number): string => (q < 0.001 ? 'below 0.001' : q.toFixed(3));

function recurrenceReasons({ module, rows, recurrences }: DriverFacts): string[] {
  const keys = new Set(rows.flatMap(keysOf));
  return [...keys].flatMap((key) => {
    const found = recurrences.get(key);
    if (found === undefined || found.module !== module || found.machines < 2) return [];
    const { what, value, crashes, machines, named } = found;
    const thing = what === 'tag' ? `the tag ${value} of the block` : `the text "${value}" of the damage`;
    return [`${thing} is in ${crashes} dumps of ${machines} machines, and ${named} of them name this driver`];
  });
}

const twinReasons = ({ twins }: DriverFacts): string[] =>
  twins.length === 0
    ? []
    : [
        `${twins.join(', ')} ${twins.length === 1 ? 'is' : 'are'} on exactly the same machines: presence cannot tell them apart`,
      ];

export function memoryReasons(
  crashes: number,
  machines: MemorySuspicion['machines'],
  fleet: number,
): string[] {
  const [worst] = machines;
  if (worst === undefined) return [];
  const gather = `${count(crashes, 'crash', 'crashes')} by a single changed bit ${crashes === 1 ? 'is' : 'are'} on ${count(machines.length, 'machine')} of ${fleet}`;
  return worst.crashes > 1
    ? [
        `${gather}; ${worst.machine.name} alone has ${worst.crashes}`,
        'bad memory gathers on few machines, a driver is on many',
      ]
    : [gather];
}
