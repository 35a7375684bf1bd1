import { readU64 } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import { dumpBytes } from '../write-dump.ts';
import { crimesOf, happensOn } from './crimes.ts';
import { actorOf, imagineVerdict } from './imagined.ts';
import { playCrash, playFleet } from './index.ts';
import type { FleetOptions } from './options.ts';
import { planFleet } from './plan-fleet.ts';
import { driverOf, poolTypeOf, productNamed, products, stampOf } from './products.ts';
import { measuredVerdicts } from './tables/measured.ts';

const seeds = [1, 2, 3, 4, 5, 6];
const plans = seeds.map((seed) => planFleet({ seed, crashes: 100 }));

describe('a planned fleet', () => {
  it('is the same for the same options, and another one for another seed', () => {
    expect(planFleet({ seed: 1, crashes: 100 })).toEqual(plans[0]);
    expect(plans[1]!.machines).not.toEqual(plans[0]!.machines);
  });

  it('has as many machines and crashes as asked for, in the order of time', () => {
    for (const { machines, crashes } of plans) {
      expect([machines.length, crashes.length]).toEqual([200, 100]);
      const times = crashes.map(({ time }) => time);
      expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
      expect(crashes.map(({ number }) => number)).toEqual(crashes.map((_, index) => index));
    }
  });

  it('has drivers on about as many machines as the market says, with company in each pool', () => {
    const machines = plans.flatMap((plan) => plan.machines);
    for (const { name, share } of products) {
      const has = machines.filter(({ drivers }) => drivers.some((each) => each.name === name)).length;
      expect(has / machines.length, name).toBeGreaterThan(share - 0.06);
      expect(has / machines.length, name).toBeLessThan(share + 0.06);
    }
    for (const { drivers } of machines) {
      const pools = drivers.map(({ name }) => poolTypeOf(productNamed(name)!));
      for (const pool of new Set(products.map(poolTypeOf)))
        if (pool !== undefined) expect(pools.filter((each) => each === pool).length).toBeGreaterThan(1);
    }
  });

  it('lets a guilty driver crash only machines that have it in a guilty version', () => {
    for (const { crashes, guilty } of plans) {
      const [{ name, versions, crimes }] = guilty as [(typeof guilty)[0]];
      const done = crashes.filter(({ cause }) => cause === 'driver');
      expect(done).toHaveLength(65);
      for (const { machine, culprit, scenario } of done) {
        expect(culprit).toBe(name);
        expect(crimes).toContain(scenario);
        expect(happensOn(scenario, machine.build)).toBe(true);
        expect(versions).toContain(machine.drivers.find((each) => each.name === name)?.version);
      }
    }
  });

  it('has single bits on machines with bad memory only', () => {
    for (const { crashes, machines } of plans) {
      const bits = crashes.filter(({ cause }) => cause === 'hardware');
      expect(bits).toHaveLength(10);
      expect(bits.every(({ machine }) => machine.hasBadMemory)).toBe(true);
      expect(machines.filter(({ hasBadMemory }) => hasBadMemory)).toHaveLength(3);
    }
  });

  it('without a guilty driver is noise alone', () => {
    const { crashes, guilty } = planFleet({ guilty: 0 });
    expect(guilty).toEqual([]);
    expect(crashes).toHaveLength(40);
    expect(new Set(crashes.map(({ cause }) => cause))).toEqual(
      new Set(['hardware', 'unrelated', 'sporadic']),
    );
  });

  it('has the guilty drivers that are asked for', () => {
    const { guilty, crashes } = planFleet({ culprits: ['cryptvol', 'gpsport'] });
    expect(guilty.map(({ name }) => name)).toEqual(['cryptvol', 'gpsport']);
    for (const { name } of guilty) expect(crashes.some(({ culprit }) => culprit === name)).toBe(true);
  });

  it.each<[string, FleetOptions]>([
    ['no machine', { machines: 0 }],
    ['half a crash', { crashes: 0.5 }],
    ['more noise than crashes', { unrelated: 0.6, hardwareNoise: 0.6 }],
    ['a share below 0', { kernelDumps: -1 }],
    ['a build that nobody has', { builds: [1234] }],
    ['a driver that nobody sells', { culprits: ['nobody'] }],
    ['a driver that does nothing', { culprits: ['gfxbase'] }],
    ['too few machines', { machines: 2, guilty: 2 }],
  ])('is refused with %s', (_what, options) => {
    expect(() => planFleet(options)).toThrow(expect.objectContaining({ code: 'LAB_OPTIONS' }));
  });
});

describe('drivers of the market', () => {
  it('differ in name, tag and time stamp', () => {
    expect(new Set(products.map(({ name }) => name)).size).toBe(products.length);
    const tags = products.flatMap(({ tag = [] }) => tag);
    expect(new Set(tags).size).toBe(tags.length);
    const stamps = products.flatMap(({ name, versions }) => versions.map((_, index) => stampOf(name, index)));
    expect(new Set(stamps).size).toBe(stamps.length);
  });

  it('keep their name and version in the image', () => {
    const driver = driverOf(productNamed('cryptvol')!, '4.1.0');
    expect(driver).toMatchObject({ name: 'cryptvol', texts: { Version: 'cryptvol 4.1.0' } });
  });
});

describe('a played fleet', () => {
  const fleet = playFleet({ seed: 9, machines: 40, crashes: 4, hardwareNoise: 0, unrelated: 0, sporadic: 0 });
  const played = [...fleet.play()];

  it('has the truth of its plan', () => {
    expect(played).toHaveLength(4);
    for (const { crash, machine } of played) {
      expect(machine.truth.scenario).toMatchObject({
        scenario: crash.scenario,
        culprit: `${crash.culprit}.sys`,
      });
      expect(machine.profile.build).toBe(crash.machine.build);
      const names = machine.truth.modules.map(({ module }) => module);
      expect(names).toEqual(expect.arrayContaining(crash.machine.drivers.map(({ name }) => name)));
    }
  });

  it('has images with the time stamps of their versions, on all builds', () => {
    for (const { crash, machine } of played)
      for (const { name, version } of crash.machine.drivers) {
        const { timeDateStamp } = machine.truth.modules.find(({ module }) => module === name)!;
        expect(timeDateStamp).toBe(stampOf(name, productNamed(name)!.versions.indexOf(version)));
      }
  });

  it('writes the time of the crash into the dump', () => {
    const [{ crash, machine }] = played as [(typeof played)[0]];
    expect(readU64(dumpBytes(machine, { type: 'triage' }), 0xfa8)).toBe(crash.time);
    expect(playCrash(crash).bugCheck).toEqual(machine.bugCheck);
  });
});

describe('an imagined verdict', () => {
  it('is known for every story and kernel', () => {
    for (const { crashes } of plans)
      for (const crash of crashes) expect(imagineVerdict(crash), crash.scenario).toBeDefined();
  });

  it('names drivers of the machine, and no roles', () => {
    for (const { crashes } of plans)
      for (const crash of crashes) {
        const { suspects, signature, tag } = imagineVerdict(crash)!;
        const names = crash.machine.drivers.map(({ name }) => `${name}.sys`);
        for (const { module } of suspects) expect([...names, 'i8042prt.sys']).toContain(module);
        expect(`${signature} ${tag}`).not.toMatch(/\$[a-zA-Z1-9]/);
      }
  });

  it('accuses the culprit as often as the measured ones do', () => {
    const key = 'overrun-zeros classic bitmap-kernel';
    const rows = measuredVerdicts[key]!;
    const all = rows.reduce((sum, [count]) => sum + count, 0);
    const naming = rows.filter(([, , , suspects]) => suspects[0]?.[0] === '$c.sys');
    const share = naming.reduce((sum, [count]) => sum + count, 0) / all;
    const machine = planFleet({ builds: [9200], kernelDumps: 1, culprits: ['cryptvol'] }).crashes.find(
      ({ culprit }) => culprit === 'cryptvol',
    );
    const verdicts = Array.from({ length: 400 }, (_, seed) =>
      imagineVerdict({ ...machine!, scenario: 'overrun-zeros', seed }),
    );
    const named = verdicts.filter((each) => each?.suspects[0]?.module === 'cryptvol.sys').length;
    expect(named / 400).toBeGreaterThan(share - 0.1);
    expect(named / 400).toBeLessThan(share + 0.1);
  });

  it('knows who acts in stories that name their driver', () => {
    expect(actorOf({ scenario: 'healthy-worker', culprit: undefined })).toBe('volmirr');
    expect(actorOf({ scenario: 'overrun-zeros', culprit: 'snapvol' })).toBe('snapvol');
    expect(crimesOf(productNamed('snapvol')!)).toContain('overrun-zeros');
  });
});
