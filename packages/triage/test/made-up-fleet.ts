import type { CrashRow } from '../src/suspects/index.ts';

/** Rows for tests of statistics: machines with drivers, and crashes of them. */
export interface MadeUpMachine {
  readonly name: string;
  readonly drivers: CrashRow['drivers'];
}

/** `a.sys@1` is version 1 of a.sys; without `@` its version is 1. */
export const machineWith = (name: string, ...drivers: readonly string[]): MadeUpMachine => ({
  name,
  drivers: drivers.map((each) => {
    const [module, version = '1'] = each.split('@');
    return { module: module!, version };
  }),
});

let last = 0;

export const crashOf = (machine: MadeUpMachine, more: Partial<CrashRow> = {}): CrashRow => ({
  id: `${machine.name}-${++last}`,
  bucket: 'a bucket',
  machine: machine.name,
  time: null,
  build: 19_041,
  kind: 'pool-overrun',
  confidence: 0.9,
  suspects: [],
  drivers: machine.drivers,
  tags: [],
  payload: null,
  ...more,
});

/** So many machines, each of which has what `driversOf` says. */
export const machines = (
  count: number,
  prefix: string,
  driversOf: (index: number) => readonly string[],
): MadeUpMachine[] =>
  Array.from({ length: count }, (_, index) => machineWith(`${prefix}${index}`, ...driversOf(index)));
