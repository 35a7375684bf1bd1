import {
  actorOf,
  type FleetOptions,
  type FleetPlan,
  imagineVerdict,
  type PlannedCrash,
  planFleet,
  products,
  stampOf,
} from '@poolscope/lab/fleet';
import {
  type CrashKind,
  type CrashRow,
  type FleetMachine,
  payloadOf,
} from '../../../packages/triage/src/suspects/index.ts';

/** A row for each crash, as real analyses would give it, and who did it. */
export interface SimulatedFleet {
  readonly plan: FleetPlan;
  readonly rows: readonly CrashRow[];
  /** By the row's id: file name of the driver at fault; undefined: none. */
  readonly culprits: ReadonlyMap<string, string | undefined>;
}

export const imageName = (name: string): string => `${name}.sys`;

export function simulate(options: FleetOptions): SimulatedFleet {
  const plan = planFleet(options);
  const rows: CrashRow[] = [];
  const culprits = new Map<string, string | undefined>();
  for (const crash of plan.crashes) {
    const row = rowOf(crash);
    if (row === undefined) continue;
    rows.push(row);
    const actor = actorOf(crash);
    culprits.set(row.id, actor === undefined ? undefined : imageName(actor));
  }
  return { plan, rows, culprits };
}

function rowOf(crash: PlannedCrash): CrashRow | undefined {
  const verdict = imagineVerdict(crash);
  if (verdict === undefined) return undefined;
  const { kind, confidence, suspects, tag, text, signature } = verdict;
  return {
    id: `crash-${crash.number}`,
    bucket: signature,
    machine: crash.machine.name,
    time: null,
    build: crash.machine.build,
    kind: kind as CrashKind,
    confidence,
    suspects,
    drivers: driversOf(crash.machine),
    tags: tag === null ? [] : [tag],
    payload: payloadOf(text === null ? null : { text }),
  };
}

/** What every machine has: three drivers that come with the system, another file in each build, and the keyboard's. */
const ofSystem = ['sampledrv', 'storfilt', 'netsamp'];

function driversOf({ build, drivers }: PlannedCrash['machine']): CrashRow['drivers'] {
  return [
    ...drivers.map(({ name, version }) => {
      const versions = products.find((each) => each.name === name)!.versions;
      return { module: imageName(name), version: stampOf(name, versions.indexOf(version)).toString(16) };
    }),
    ...ofSystem.map((name) => ({ module: imageName(name), version: `of-${build}` })),
    { module: 'i8042prt.sys', version: stampOf('i8042prt', 0).toString(16) },
  ];
}

/** All machines of the fleet, as a list of what is installed would have them. */
export const inventoryOf = ({ plan }: SimulatedFleet): FleetMachine[] =>
  plan.machines.map((machine) => ({ machine: machine.name, drivers: driversOf(machine) }));

/** What tells a version of a product in rows. */
export function stampFor(name: string, version: string): string {
  const { versions } = products.find((each) => each.name === name)!;
  return stampOf(name, versions.indexOf(version)).toString(16);
}
