import {
  BufferSource,
  findObject,
  listDirectory,
  objectPath,
  objectTypes,
  openSession,
  readDeviceObject,
  readDeviceStack,
  readDriverObject,
  readFileObject,
  readIrp,
  readMdl,
  readObject,
  runToEnd,
  type Session,
} from '@poolscope/engine';
import { buildMachine, dumpBytes, type Machine, type MachineOptions } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

type Kind = 'x64' | 'x86' | 'arm64' | 'Windows 7' | 'Windows 8' | 'Windows 8.1';
const options: Readonly<Record<Kind, MachineOptions>> = {
  x64: {},
  x86: { architecture: 'x86' },
  arm64: { architecture: 'arm64' },
  'Windows 7': { build: 7601 },
  'Windows 8': { build: 9200 },
  'Windows 8.1': { build: 9600 },
};
const all = Object.keys(options) as Kind[];
/** Only their tables know object headers. */
const withHeaders = all.filter((kind) => kind !== 'arm64');
/** Windows 10 hides types. */
const hiding: readonly Kind[] = ['x64', 'x86'];

async function open(kind: Kind): Promise<{ machine: Machine; session: Session }> {
  const machine = buildMachine(options[kind]);
  return { machine, session: await openSession(new BufferSource(dumpBytes(machine, { type: 'full' }))) };
}

describe('objects of made-up machines', () => {
  it.each(withHeaders)(
    '%s: every object has the type, the name and the counts that it was given',
    async (machine) => {
      const { machine: made, session } = await open(machine);
      const { objects } = made.truth.system;
      expect(objects.length).toBeGreaterThan(30);
      for (const { va, type, name, directory, handles, pointers } of objects)
        expect(readObject(session.system, va), `${type} ${name}`).toMatchObject({
          body: va,
          name,
          directory,
          handleCount: BigInt(handles),
          pointerCount: BigInt(pointers),
          type: { name: type },
        });
    },
  );

  it.each(hiding)('%s: the way that headers hide types is worked out from objects', async (machine) => {
    const { session } = await open(machine);
    const { code } = objectTypes(session.system);
    expect(code?.cookie).toBe(0xa7);
    expect(code?.from).toMatch(/^a cookie that \d+ objects of known types agree on$/);
  });

  it.each(withHeaders)('%s: every name leads to its object, in any case of letters', async (machine) => {
    const { machine: made, session } = await open(machine);
    const { system } = session;
    const named = made.truth.system.objects.filter(({ name, directory }) => name !== '' && directory !== 0n);
    expect(named.length).toBeGreaterThan(15);
    for (const { va } of named) {
      const path = objectPath(system, va);
      expect(path).toBeDefined();
      expect(findObject(system, path!)).toBe(va);
      expect(findObject(system, path!.toUpperCase())).toBe(va);
    }
    expect(findObject(system, '\\')).toBe(made.truth.system.root);
  });

  it.each(withHeaders)('%s: directories list what is in them, links where they lead', async (machine) => {
    const { machine: made, session } = await open(machine);
    const { objects, links } = made.truth.system;
    for (const { va } of objects.filter(({ type }) => type === 'Directory')) {
      const { entries, problems, count } = runToEnd(listDirectory(session.system, va));
      const inside = objects.filter(({ directory }) => directory === va);
      expect(problems).toEqual([]);
      expect(count).toBe(inside.length);
      expect(new Map(entries.map(({ object, name }) => [object, name]))).toEqual(
        new Map(inside.map((object) => [object.va, object.name])),
      );
    }
    for (const { address, target } of links)
      expect(readObject(session.system, address).link?.target).toBe(target);
  });

  it('x64: an address that is no object is refused', async () => {
    const { machine, session } = await open('x64');
    const { va } = machine.truth.system.objects[0]!;
    expect(() => readObject(session.system, va + 0x10n)).toThrow(/names no type of this kernel/);
  });
});

describe('drivers of made-up machines', () => {
  it.each(all)('%s: driver objects', async (architecture) => {
    const { machine, session } = await open(architecture);
    const { drivers } = machine.truth.system;
    expect(drivers).toHaveLength(3);
    for (const { address, name, start, entry, dispatch, devices } of drivers) {
      const driver = readDriverObject(session.system, address);
      expect(driver).toMatchObject({ name, start, entry, expectedSize: undefined, missing: [] });
      expect(driver.majorFunctions).toEqual(Array.from({ length: 28 }, () => dispatch));
      expect(driver.devices).toEqual({ items: devices, end: 'complete' });
    }
  });

  it.each(all)('%s: device objects', async (architecture) => {
    const { machine, session } = await open(architecture);
    for (const { address, name, driver } of machine.truth.system.devices) {
      const device = readDeviceObject(session.system, address);
      expect(device).toMatchObject({ driverName: driver, missing: [] });
      expect(device.name).toBe(architecture === 'arm64' ? undefined : name);
    }
  });

  it.each(all)('%s: the device that is busy has a request in its queue', async (architecture) => {
    const { machine, session } = await open(architecture);
    const { devices, irps } = machine.truth.system;
    const queues = devices.map(({ address }) => readDeviceObject(session.system, address).queue);
    expect(queues.filter(({ busy }) => busy)).toEqual([
      { busy: true, irps: [irps[1]!.address], problem: undefined },
    ]);
  });

  it.each(withHeaders)('%s: a stack is the same from each of its devices', async (architecture) => {
    const { machine, session } = await open(architecture);
    const lower = machine.truth.system.devices[0]!;
    const upper = machine.truth.system.devices[1]!;
    for (const [asked, address] of [upper.address, lower.address].entries()) {
      const stack = readDeviceStack(session.system, address);
      expect(stack.devices.map((device) => device.address)).toEqual([upper.address, lower.address]);
      expect(stack).toMatchObject({
        asked,
        problems: [],
        node: { instancePath: 'ROOT\\SAMPLERECORDS\\0000', serviceName: 'sampledrv' },
      });
    }
  });

  it('arm64: devices below are not claimed to be absent', async () => {
    const { machine, session } = await open('arm64');
    const lower = machine.truth.system.devices[0]!;
    const upper = machine.truth.system.devices[1]!;
    expect(readDeviceStack(session.system, lower.address).devices).toHaveLength(2);
    const stack = readDeviceStack(session.system, upper.address);
    expect(stack.devices).toHaveLength(1);
    expect(stack.problems.join(' ')).toContain('is private to Windows');
  });

  it.each(all)('%s: file objects', async (architecture) => {
    const { machine, session } = await open(architecture);
    const { address, name, device } = machine.truth.system.files[0]!;
    expect(readFileObject(session.system, address)).toMatchObject({
      name,
      device,
      driverName: '\\Driver\\sampledrv',
      access: ['Read', 'Write', 'SharedRead'],
      missing: [],
    });
  });
});

describe('requests of made-up machines', () => {
  it.each(all)('%s: IRPs', async (architecture) => {
    const { machine, session } = await open(architecture);
    const { irps } = machine.truth.system;
    expect(irps).toHaveLength(2);
    for (const { address, locations, ...rest } of irps) {
      const irp = readIrp(session.system, address);
      expect(irp).toMatchObject({ ...rest, address, missing: [] });
      const read = irp.locations.map((each) => ({
        major: each.major,
        device: each.device,
        control: each.control,
        completion: each.completionRoutine,
      }));
      expect(read).toEqual(locations);
    }
  });

  it.each(all)('%s: MDLs', async (architecture) => {
    const { machine, session } = await open(architecture);
    const { pages, ...rest } = machine.truth.system.mdls[0]!;
    expect(readMdl(session.system, rest.address)).toMatchObject({
      ...rest,
      pages: pages.map(BigInt),
      pageCount: pages.length,
    });
  });
});
