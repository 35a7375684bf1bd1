import { describe, expect, it } from 'vitest';
import { crashOf, machines, machineWith } from '../../test/made-up-fleet.ts';
import { FleetSuspects } from './rank-suspects.ts';
import type { FleetSuspect } from './result.ts';
import type { CrashRow } from './rows.ts';

/** What is on all machines. */
const usual = Array.from({ length: 20 }, (_, index) => `usual${index}.sys`);

const crashed = (list: ReturnType<typeof machines>, more: Partial<CrashRow> = {}): CrashRow[] =>
  list.map((machine) => crashOf(machine, more));

/** Machines with other crashes, a third of which have the driver. */
const others = (count = 60, driver = 'bad.sys') =>
  crashed(
    machines(count, 'other-', (index) => ['common.sys', ...(index % 3 === 0 ? [driver] : [])]),
    { bucket: 'something else', kind: 'not-pool' },
  );

const driversOf = (suspects: readonly FleetSuspect[]) => suspects.filter(({ what }) => what === 'driver');

describe('suspects by where they are', () => {
  const rows = [...crashed(machines(20, 'case-', () => ['common.sys', 'bad.sys'])), ...others()];
  const fleet = new FleetSuspects(rows);

  it('are first and accused when all crashing machines have them and few others', () => {
    const [first, second] = fleet.bucket('a bucket').suspects;
    expect(first).toMatchObject({ what: 'driver', module: 'bad.sys', accused: true, versions: [] });
    expect(first!.probability).toBeGreaterThan(0.8);
    expect(second?.accused ?? false).toBe(false);
    expect(fleet.all().suspects[0]).toMatchObject({ module: 'bad.sys', accused: true });
  });

  it('come with the numbers that speak for them', () => {
    const { presence, naming, reasons } = fleet.bucket('a bucket').suspects[0]!;
    expect(presence).toMatchObject({ casesWith: 20, cases: 20, othersWith: 20, others: 60 });
    expect(presence!.from).toBeGreaterThan(0);
    expect(presence!.q).toBeLessThan(0.001);
    expect(naming).toEqual({ named: 0, crashes: 20, score: 0 });
    expect(reasons).toEqual([
      expect.stringMatching(
        /^it is on 20 of 20 machines with these crashes and on 20 of 60 others \(100 %, 33 %\): odds [\d.]+ times as high, false discovery rate below 0.001$/,
      ),
    ]);
  });

  it('are nobody when one machine crashes again and again', () => {
    const machine = machineWith('unlucky', ...usual, 'common.sys', 'bad.sys', 'rare.sys');
    const again = Array.from({ length: 30 }, () => crashOf(machine));
    const { suspects } = new FleetSuspects([...again, ...others()]).bucket('a bucket');
    expect(suspects.filter(({ accused }) => accused)).toEqual([]);
  });

  it('are nobody when the crashing machines are like all others', () => {
    const cases = crashed(
      machines(30, 'case-', (index) => ['common.sys', ...(index % 3 === 0 ? ['bad.sys'] : [])]),
    );
    const ranking = new FleetSuspects([...cases, ...others()]).bucket('a bucket');
    expect(ranking.suspects.filter(({ accused }) => accused)).toEqual([]);
  });

  it('say when they cannot be told from another driver that is on the same machines', () => {
    const twins = crashed(machines(20, 'case-', () => ['common.sys', 'bad.sys', 'twin.sys']));
    const [first, second] = new FleetSuspects([...twins, ...others(60, 'third.sys')]).bucket(
      'a bucket',
    ).suspects;
    expect(new Set([first!.module, second!.module])).toEqual(new Set(['bad.sys', 'twin.sys']));
    expect(first!.probability).toBeCloseTo(second!.probability, 6);
    expect(first!.reasons.join()).toMatch(/exactly the same machines: presence cannot tell them apart/);
  });

  it('are told by the version that is guilty', () => {
    const cases = crashed(machines(25, 'case-', () => ['common.sys@2']));
    const rest = crashed(
      machines(75, 'other-', (index) => [`common.sys@${index % 5 === 0 ? 2 : 1}`]),
      { bucket: 'something else', kind: 'not-pool' },
    );
    const [first] = new FleetSuspects([...cases, ...rest]).bucket('a bucket').suspects;
    expect(first).toMatchObject({ module: 'common.sys', versions: ['2'], accused: true });
    expect(first!.reasons[0]).toMatch(/^version 2 is on 25 of 25 machines/);
  });

  it('are compared with machines that never crashed, where those are known', () => {
    const cases = crashed(machines(20, 'case-', () => ['common.sys', 'bad.sys']));
    const inventory = machines(200, 'healthy-', (index) => [
      'common.sys',
      ...(index % 10 === 0 ? ['bad.sys'] : []),
    ]).map(({ name, drivers }) => ({ machine: name, drivers }));
    expect(new FleetSuspects(cases).all().suspects.filter(({ accused }) => accused)).toEqual([]);
    const ranking = new FleetSuspects(cases, { inventory }).all();
    expect(ranking).toMatchObject({ machines: 20, others: 200 });
    expect(ranking.suspects[0]).toMatchObject({ module: 'bad.sys', accused: true });
  });
});

describe('suspects by what dumps say', () => {
  it('are told where presence tells nothing', () => {
    const cases = machines(12, 'case-', () => [...usual, 'common.sys', 'bad.sys', 'third.sys']);
    const rows = cases.map((machine, index) =>
      crashOf(machine, index % 2 === 0 ? { suspects: [{ module: 'bad.sys', score: 0.8 }] } : {}),
    );
    const [first] = new FleetSuspects(rows).all().suspects;
    expect(first).toMatchObject({ module: 'bad.sys', accused: true, naming: { named: 6, crashes: 12 } });
    expect(first!.naming.score).toBeCloseTo(0.8, 10);
    expect(first!.reasons).toContain('all machines have such crashes: there are none to compare with');
  });

  it('are not accused by the dumps of one machine alone', () => {
    const named = { suspects: [{ module: 'bad.sys', score: 0.95 }] };
    const [one, other] = machines(2, 'case-', () => ['common.sys', 'bad.sys']);
    const alone = Array.from({ length: 8 }, () => crashOf(one!, named));
    const first = (rows: CrashRow[]) =>
      new FleetSuspects([...rows, ...others()]).bucket('a bucket').suspects[0];
    expect(first(alone)).toMatchObject({ module: 'bad.sys', accused: false });
    expect(first([...alone, crashOf(other!, named)])).toMatchObject({ module: 'bad.sys', accused: true });
  });

  it('are lent to dumps with the same tag that name nobody', () => {
    const cases = machines(10, 'case-', () => ['common.sys', 'bad.sys', 'third.sys']);
    const small = cases.map((machine) => crashOf(machine, { bucket: 'small dumps', tags: ['BadT'] }));
    const large = machines(4, 'large-', () => ['common.sys', 'bad.sys', 'third.sys']).map((machine) =>
      crashOf(machine, { bucket: 'large', tags: ['BadT'], suspects: [{ module: 'bad.sys', score: 0.9 }] }),
    );
    const alone = new FleetSuspects([...small, ...others(30, 'x.sys')]).bucket('small dumps');
    const both = new FleetSuspects([...small, ...large, ...others(30, 'x.sys')]).bucket('small dumps');
    const chance = (suspects: readonly FleetSuspect[]) =>
      suspects.find(({ module }) => module === 'bad.sys')?.probability ?? 0;
    expect(both.suspects[0]).toMatchObject({ module: 'bad.sys', accused: true });
    expect(chance(both.suspects)).toBeGreaterThan(chance(alone.suspects));
    expect(both.suspects[0]!.reasons).toContain(
      'the tag BadT of the block is in 14 dumps of 14 machines, and 4 of them name this driver',
    );
    expect(both.recurrences).toEqual([
      { what: 'tag', value: 'BadT', crashes: 10, machines: 10, module: null, named: 0 },
    ]);
  });

  it('are told by all buckets that have a tag', () => {
    const cases = (prefix: string, bucket: string) =>
      crashed(
        machines(4, prefix, () => ['common.sys', 'bad.sys']),
        { bucket, tags: ['BadT'] },
      );
    const small = [...cases('a-', 'a bucket'), ...others(40, 'bad.sys')];
    const [alone] = new FleetSuspects(small).bucket('a bucket').suspects;
    const all = [...small, ...cases('b-', 'b'), ...cases('c-', 'c'), ...cases('d-', 'd')];
    const [first] = new FleetSuspects(all).bucket('a bucket').suspects;
    expect(first).toMatchObject({ module: 'bad.sys', presence: { casesWith: 4, cases: 4 } });
    expect(first!.probability).toBeGreaterThan(alone!.probability);
    expect(first!.reasons).toContain(
      'with other buckets that have its tag it is on 16 of 16 machines and on 14 of 40 others (100 %, 35 %)',
    );
  });

  it('find a second guilty driver behind the first', () => {
    const first = crashed(
      machines(15, 'one-', () => ['common.sys', 'bad.sys']),
      { bucket: 'one' },
    );
    const second = crashed(
      machines(15, 'two-', () => ['common.sys', 'worse.sys']),
      { bucket: 'two' },
    );
    const { suspects } = new FleetSuspects([...first, ...second, ...others(80, 'third.sys')]).all();
    const accused = suspects.filter((each) => each.accused).map(({ module }) => module);
    expect(new Set(accused)).toEqual(new Set(['bad.sys', 'worse.sys']));
  });
});

describe('single changed bits', () => {
  const bit = { bucket: 'bits', kind: 'single-bit-error' } as const;

  it('are the memory of the machine that they gather on', () => {
    const machine = machineWith('old-pc', 'common.sys', 'bad.sys');
    const rows = [crashOf(machine, bit), crashOf(machine, bit), crashOf(machine, bit), ...others()];
    const [first] = new FleetSuspects(rows).bucket('bits').suspects;
    expect(first).toMatchObject({
      what: 'memory',
      module: null,
      accused: true,
      machines: [{ machine: 'old-pc', crashes: 3 }],
    });
    expect(first!.reasons[0]).toBe(
      '3 crashes by a single changed bit are on 1 machine of 61; old-pc alone has 3',
    );
  });

  it('are a driver where they are spread over the machines that have it', () => {
    const rows = [
      ...crashed(
        machines(20, 'case-', () => ['common.sys', 'bad.sys']),
        bit,
      ),
      ...others(60),
    ];
    const { suspects } = new FleetSuspects(rows).bucket('bits');
    expect(suspects[0]).toMatchObject({ what: 'driver', module: 'bad.sys', accused: true });
    expect(suspects.find(({ what }) => what === 'memory')?.accused ?? false).toBe(false);
  });

  it('explain other damage on such a machine, so that no driver is accused of it', () => {
    const machine = machineWith('old-pc', 'common.sys', 'bad.sys');
    const damage = { bucket: 'damage', suspects: [{ module: 'bad.sys', score: 0.7 }] };
    const bits = Array.from({ length: 4 }, () => crashOf(machine, bit));
    const chance = (rows: readonly CrashRow[]) =>
      driversOf(new FleetSuspects(rows).bucket('damage').suspects)[0]?.probability ?? 0;
    const without = chance([crashOf(machine, damage), ...others()]);
    expect(chance([crashOf(machine, damage), ...bits, ...others()])).toBeLessThan(without);
  });
});

describe('a fleet', () => {
  it('without crashes accuses nobody', () => {
    const fleet = new FleetSuspects([]);
    expect(fleet.buckets).toEqual([]);
    expect(fleet.all()).toMatchObject({ crashes: 0, machines: 0, suspects: [] });
    expect(fleet.bucket('none')).toMatchObject({ crashes: 0, suspects: [] });
  });

  it('takes a dump of an unknown machine for one of a machine of its own', () => {
    const machine = machineWith('x', 'common.sys', 'bad.sys');
    const rows = Array.from({ length: 5 }, () => crashOf(machine, { machine: null }));
    expect(new FleetSuspects(rows).all()).toMatchObject({ crashes: 5, machines: 5 });
  });

  it('says the same whatever the order of its rows', () => {
    const rows = [...crashed(machines(12, 'case-', () => ['common.sys', 'bad.sys'])), ...others()];
    const said = (all: readonly CrashRow[]) =>
      new FleetSuspects(all)
        .all()
        .suspects.map(({ module, probability }) => `${module} ${probability.toFixed(6)}`);
    expect(said([...rows].reverse())).toEqual(said(rows));
  });
});
