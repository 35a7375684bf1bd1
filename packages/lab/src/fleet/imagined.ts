import type { DumpKind } from '../write-dump.ts';
import { Chance } from './chance.ts';
import { poolOf, unrelatedStories } from './crimes.ts';
import type { PlannedCrash } from './plan-fleet.ts';
import { poolTypeOf, productNamed } from './products.ts';
import { type MeasuredVerdict, measuredVerdicts } from './tables/measured.ts';

/** What an analysis of a crash's dump would say, in the words of its report. */
export interface ImaginedVerdict {
  readonly kind: string;
  readonly confidence: number;
  readonly suspects: readonly { readonly module: string; readonly score: number }[];
  readonly tag: string | null;
  readonly text: string | null;
  readonly signature: string;
}

/** Names and tags of a measured verdict stand for roles: `$c` and `$C` for the culprit's, `$1`, `$A` and so on for others. */
export const roles = {
  culprit: '$c',
  culpritTag: '$C',
  others: ['$1', '$2', '$3'],
  otherTags: ['$A', '$B', '$D'],
};

export type FleetDump = Extract<DumpKind, 'bitmap-kernel' | 'triage'>;

/** Under which key verdicts were measured. */
export const measuredKey = (scenario: string, build: number, dump: FleetDump): string =>
  `${scenario} ${poolOf(build)} ${dump}`;

/** The driver whose story it is. */
export const actorOf = ({
  culprit,
  scenario,
}: Pick<PlannedCrash, 'culprit' | 'scenario'>): string | undefined =>
  culprit ?? unrelatedStories.find(({ name }) => name === scenario)?.needs;

/**
 * One of the verdicts that were measured for such a story, kernel and kind of dump, each as likely as it was then, with the
 * names of this machine. Undefined: none was measured.
 */
export function imagineVerdict(crash: PlannedCrash): ImaginedVerdict | undefined {
  const { machine, scenario, seed } = crash;
  const measured = measuredVerdicts[measuredKey(scenario, machine.build, machine.dump)];
  if (measured === undefined) return undefined;
  const chance = new Chance(seed);
  const one = chance.byWeight(measured, ([count]) => count);
  return withNames(one, namesFor(chance, crash));
}

/** Who plays which role: others are drivers whose blocks are in the same pool, as the victims of a story are. */
function namesFor(chance: Chance, crash: PlannedCrash): ReadonlyMap<string, string> {
  const actor = productNamed(actorOf(crash) ?? '');
  const company = chance
    .shuffled(crash.machine.drivers.map(({ name }) => productNamed(name)!))
    .filter((each) => each.tag !== undefined && each.name !== actor?.name);
  const pool = actor === undefined ? undefined : poolTypeOf(actor);
  const near = company.filter((each) => pool === undefined || poolTypeOf(each) === pool);
  const others = [...near, ...company.filter((each) => !near.includes(each))];
  return new Map([
    ...(actor === undefined
      ? []
      : [entry(roles.culprit, actor.name), entry(roles.culpritTag, actor.tag ?? '')]),
    ...roles.others.map((role, index) => entry(role, others[index]?.name ?? 'nobody')),
    ...roles.otherTags.map((role, index) => entry(role, others[index]?.tag ?? 'Nobo')),
  ]);
}

const entry = (role: string, name: string): readonly [string, string] => [role, name];

function withNames(
  [, kind, confidence, suspects, tag, text, signature]: MeasuredVerdict,
  names: ReadonlyMap<string, string>,
): ImaginedVerdict {
  const named = (value: string): string =>
    value.replaceAll(/\$[a-zA-D1-3]/g, (role) => names.get(role) ?? role);
  return {
    kind,
    confidence,
    suspects: suspects.map(([module, score]) => ({ module: named(module), score })),
    tag: tag === null ? null : named(tag),
    text,
    signature: named(signature),
  };
}
