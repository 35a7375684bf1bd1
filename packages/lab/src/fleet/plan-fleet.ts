import { checkOption } from '../check-option.ts';
import { playableBuilds } from '../scenarios/index.ts';
import { Chance } from './chance.ts';
import { crimesOf, happensOn, hardwareStories, unrelatedStories } from './crimes.ts';
import { type FleetMachine, hasKind, installedOn } from './fleet-machine.ts';
import { type FleetOptions, type Settled, settled } from './options.ts';
import { type Product, productNamed, products } from './products.ts';

/** Why a machine of a fleet crashed. */
export type CrashCause = 'driver' | 'sporadic' | 'hardware' | 'unrelated';

/** A crash of a fleet before it is played. */
export interface PlannedCrash {
  /** From 0 on, in the order of time. */
  readonly number: number;
  readonly machine: FleetMachine;
  readonly cause: CrashCause;
  readonly scenario: string;
  /** Driver without `.sys` whose story it is; undefined: that of the scenario, or none. */
  readonly culprit: string | undefined;
  readonly seed: number;
  /** FILETIME. */
  readonly time: bigint;
}

/** A driver that corrupts memory. */
export interface GuiltyDriver {
  /** Without `.sys`. */
  readonly name: string;
  readonly versions: readonly string[];
  readonly crimes: readonly string[];
}

/** A fleet with its ground truth. */
export interface FleetPlan {
  readonly machines: readonly FleetMachine[];
  /** In the order of time. */
  readonly crashes: readonly PlannedCrash[];
  readonly guilty: readonly GuiltyDriver[];
}

/** Decides everything about a fleet and plays nothing. The same options give the same fleet. */
export function planFleet(options: FleetOptions = {}): FleetPlan {
  const all = settled(options);
  const chance = new Chance(all.seed);
  const machines = makeMachines(chance, all);
  const guilty = chooseGuilty(chance, all, machines);
  const causes = chance.shuffled(causesOf(all));
  const crashes = causes.map((cause) => planCrash(chance, cause, machines, guilty));
  const times = crashes.map(() => firstTime + BigInt(chance.numbers(seconds)) * 10_000_000n).sort(ascending);
  return {
    machines,
    guilty,
    crashes: crashes.map((crash, number) => ({ ...crash, number, time: times[number]! })),
  };
}

/** FILETIME of 1 January 2023, and the seconds of ninety days. */
const firstTime = 0x01d9_1d72_c2ae_4000n;
const seconds = 90 * 86_400;
const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** A machine in so many has bad memory; one at least. */
const machinesPerBadMemory = 80;

function makeMachines(chance: Chance, all: Settled): FleetMachine[] {
  const builds = all.builds ?? playableBuilds;
  checkOption(
    builds.length > 0 && builds.every((build) => playableBuilds.includes(build)),
    `the lab has the builds ${playableBuilds.join(', ')}`,
  );
  const bad = new Set<number>();
  const isNoisy = all.hardwareNoise > 0;
  while (isNoisy && bad.size < Math.ceil(all.machines / machinesPerBadMemory))
    bad.add(chance.numbers(all.machines));
  const width = String(all.machines).length;
  return Array.from({ length: all.machines }, (_, index) => ({
    name: `PC-${String(index + 1).padStart(width, '0')}`,
    build: chance.oneOf(builds),
    drivers: installedOn(chance),
    dump: chance.happens(all.kernelDumps) ? 'bitmap-kernel' : 'triage',
    hasBadMemory: bad.has(index),
    proneness: chance.proneness(),
  }));
}

/** Fewer machines than this with a guilty driver are no fleet to find it in. */
const fewestAffected = 4;

function chooseGuilty(chance: Chance, all: Settled, machines: readonly FleetMachine[]): GuiltyDriver[] {
  const chosen = all.culprits?.map(guiltyProduct) ?? [];
  const open = chance.shuffled(products.filter((each) => crimesOf(each).length > 0));
  const candidates = all.culprits === undefined ? open.slice() : chosen;
  const guilty: GuiltyDriver[] = [];
  for (const product of candidates) {
    if (guilty.length >= all.guilty) break;
    const found = makeGuilty(chance, product, machines, all.culprits === undefined ? fewestAffected : 1);
    if (found !== undefined) guilty.push(found);
  }
  checkOption(guilty.length === all.guilty, 'too few machines have a driver that could be guilty');
  return guilty;
}

function guiltyProduct(name: string): Product {
  const product = productNamed(name);
  checkOption(
    product !== undefined && crimesOf(product).length > 0,
    `no driver of the lab's fleets is called ${name} and can be guilty`,
  );
  return product;
}

/** Half of the bugs came with a newer version, the others have always been there. One bug or two; undefined: too rare. */
function makeGuilty(
  chance: Chance,
  product: Product,
  machines: readonly FleetMachine[],
  fewest: number,
): GuiltyDriver | undefined {
  const { name, versions } = product;
  const first = chance.happens(0.5) ? 0 : chance.numbers(versions.length);
  const crimes = chance.shuffled(crimesOf(product)).slice(0, 1 + chance.numbers(2));
  const guilty = { name, versions: versions.slice(first), crimes };
  const affected = machines.filter((machine) => crimesOn(machine, guilty).length > 0);
  return affected.length < fewest ? undefined : guilty;
}

/** What a guilty driver can do on a machine. */
function crimesOn(machine: FleetMachine, { name, versions, crimes }: GuiltyDriver): string[] {
  const installed = machine.drivers.find((each) => each.name === name);
  if (installed === undefined || !versions.includes(installed.version)) return [];
  return crimes.filter((crime) => happensOn(crime, machine.build));
}

/** The causes of all crashes. Where nobody is guilty, the others take their share. */
function causesOf({ crashes, guilty, hardwareNoise, unrelated, sporadic }: Settled): CrashCause[] {
  const noise = hardwareNoise + unrelated + sporadic;
  const scale = guilty === 0 && noise > 0 ? 1 / noise : 1;
  const count = (share: number): number => Math.round(crashes * share * scale);
  const others: CrashCause[] = [
    ...new Array<CrashCause>(count(hardwareNoise)).fill('hardware'),
    ...new Array<CrashCause>(count(sporadic)).fill('sporadic'),
  ];
  const rest: CrashCause = guilty === 0 ? 'unrelated' : 'driver';
  const plain = guilty === 0 ? 0 : count(unrelated);
  return [
    ...others,
    ...new Array<CrashCause>(plain).fill('unrelated'),
    ...new Array<CrashCause>(Math.max(0, crashes - others.length - plain)).fill(rest),
  ].slice(0, crashes);
}

type Drafted = Omit<PlannedCrash, 'number' | 'time'>;

function planCrash(
  chance: Chance,
  cause: CrashCause,
  machines: readonly FleetMachine[],
  guilty: readonly GuiltyDriver[],
): Drafted {
  const seed = 1 + chance.numbers(0x7fff_fff0);
  switch (cause) {
    case 'hardware': {
      const machine = someMachine(
        chance,
        machines.filter(({ hasBadMemory }) => hasBadMemory),
      );
      return { machine, cause, scenario: chance.oneOf(hardwareStories), culprit: undefined, seed };
    }
    case 'unrelated': {
      const machine = someMachine(chance, machines);
      const possible = unrelatedStories.filter(
        ({ needs, beside }) =>
          (needs === undefined || has(machine, needs)) &&
          (beside === undefined || hasKind(machine.drivers, beside)),
      );
      return { machine, cause, scenario: chance.oneOf(possible).name, culprit: undefined, seed };
    }
    case 'sporadic': {
      const machine = someMachine(chance, machines);
      const all = machine.drivers.flatMap(({ name, version }) => {
        const crimes = crimesOf(productNamed(name)!);
        return crimesOn(machine, { name, versions: [version], crimes }).map((crime) => ({ name, crime }));
      });
      const { name, crime } = chance.oneOf(all);
      return { machine, cause, scenario: crime, culprit: name, seed };
    }
    case 'driver': {
      const who = chance.oneOf(guilty);
      const machine = someMachine(
        chance,
        machines.filter((each) => crimesOn(each, who).length > 0),
      );
      return { machine, cause, scenario: chance.oneOf(crimesOn(machine, who)), culprit: who.name, seed };
    }
  }
}

const has = ({ drivers }: FleetMachine, name: string): boolean => drivers.some((each) => each.name === name);

const someMachine = (chance: Chance, machines: readonly FleetMachine[]): FleetMachine =>
  chance.byWeight(machines, ({ proneness }) => proneness);
