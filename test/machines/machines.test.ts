import { readFileSync } from 'node:fs';
import { BufferSource, openSession, type Session } from '@poolscope/engine';
import { buildMachine, type DumpKind, dumpBytes, type Machine, type MachineOptions } from '@poolscope/lab';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/schema/poolscope.analysis-1.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ allErrors: true }).compile(schema);

/** Kernels that keep classic pool. */
const classic = ([7601, 9200, 9600, 14_393, 17_763] as const).map(
  (build) => [`x64, build ${build}`, { architecture: 'x64', build }] as const,
);

const machines: readonly (readonly [string, MachineOptions])[] = [
  ['x64', { architecture: 'x64' }],
  ['x64, LA57', { architecture: 'x64', paging: 'la57' }],
  ['x86, PAE', { architecture: 'x86', paging: 'pae' }],
  ['x86', { architecture: 'x86', paging: 'x86' }],
  ['arm64', { architecture: 'arm64' }],
  ...classic,
  ['x86, build 7601', { architecture: 'x86', build: 7601 }],
];

const formats: Readonly<Partial<Record<DumpKind, string>>> = {
  full: 'full',
  summary: 'summary',
  header: 'header',
  triage: 'triage',
  'bitmap-full': 'bitmap-full',
  'bitmap-kernel': 'bitmap-kernel',
  'range-kernel': 'range',
  'range-kernel-user': 'range',
  'range-complete': 'range',
};
const kinds = Object.keys(formats) as DumpKind[];
/** Range dumps are known with a 64-bit header only. */
const kindsOf = (options: MachineOptions): DumpKind[] =>
  kinds.filter((kind) => options.architecture !== 'x86' || !kind.startsWith('range'));
const withMemoryOf = (options: MachineOptions): DumpKind[] =>
  kindsOf(options).filter((kind) => kind !== 'header' && kind !== 'triage');

const built = new Map<string, Machine>();
function machineOf(name: string, options: MachineOptions): Machine {
  let machine = built.get(name);
  if (machine === undefined) {
    machine = buildMachine(options);
    built.set(name, machine);
  }
  return machine;
}

const openKind = (machine: Machine, type: DumpKind): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type })), { path: `${type}.dmp` });

const hex = (value: bigint | number) => `0x${value.toString(16)}`;

describe.each(machines)('a dump of %s', (name, options) => {
  const machine = machineOf(name, options);

  it.each(kindsOf(options))('of kind %s says what it is', async (kind) => {
    const { report } = (await openKind(machine, kind)).analyze();
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.dump).toMatchObject({ format: formats[kind], machine: machine.architecture });
    expect(report.bugcheck.code).toBe(hex(machine.bugCheck.code));
    const wide = machine.architecture === 'x86' ? 32 : 64;
    expect(report.bugcheck.parameters.map((value) => BigInt.asUintN(wide, BigInt(value)))).toEqual(
      machine.bugCheck.parameters.map((value) => BigInt.asUintN(wide, value)),
    );
    expect(report.warnings).toEqual([]);
  });

  it.each(kindsOf(options).filter((kind) => kind !== 'header'))(
    'of kind %s lists its modules',
    async (kind) => {
      const session = await openKind(machine, kind);
      const expected = machine.truth.modules.map(({ module, base, size, timeDateStamp }) => ({
        name: module,
        base,
        size,
        timeDateStamp,
      }));
      expect(
        session.system.modules.map(({ name: module, base, size, timeDateStamp }) => ({
          name: module,
          base,
          size,
          timeDateStamp,
        })),
      ).toEqual(expected);
      expect(session.system.unloadedModules.map(({ start, end }) => ({ start, end }))).toEqual(
        [...machine.unloadedDrivers].reverse().map(({ start, end }) => ({ start, end })),
      );
    },
  );

  it.each(withMemoryOf(options))(
    'of kind %s names the crashed thread, process and exported functions',
    async (kind) => {
      const { system } = await openKind(machine, kind);
      expect(system.crashedProcessor?.number?.value).toBe(machine.crashProcessor);
      expect(system.thread?.address).toBe(machine.thread.va);
      expect(system.process?.address).toBe(machine.process.va);
      expect(system.process?.name?.value).toBe('recordsvc.exe');
      for (const [text, va] of machine.truth.symbols) {
        const found = system.symbols.findAddress(text);
        if (found !== undefined) expect(found, text).toBe(va);
      }
      expect(system.symbols.findAddress('nt!KeBugCheckEx')).toBe(
        machine.truth.symbols.get('nt!KeBugCheckEx'),
      );
    },
  );

  it.each(kindsOf(options))('of kind %s has the registers of the crash', async (kind) => {
    const { system } = await openKind(machine, kind);
    const expected = machine.truth.registers;
    const wide = machine.architecture === 'x86' ? 32 : 64;
    for (const register of machine.architecture === 'x64'
      ? ['rip', 'rsp', 'rbp', 'rbx', 'r15']
      : machine.architecture === 'x86'
        ? ['eip', 'esp', 'ebp', 'ebx']
        : ['pc', 'sp', 'fp', 'x19']) {
      expect(system.processorContext?.value.get(register), register).toBe(
        BigInt.asUintN(wide, expected[register]!),
      );
    }
  });

  it.each(withMemoryOf(options))('of kind %s has the true stack', async (kind) => {
    const { system } = await openKind(machine, kind);
    const frames = system.stackFrom(system.processorContext!.value);
    const truth = machine.truth.frames;
    expect(frames.slice(0, truth.length).map((frame) => hex(frame.ip))).toEqual(
      truth.map((frame) => hex(frame.ip)),
    );
    expect(frames.slice(0, truth.length).every((frame) => frame.trust !== 'scan')).toBe(true);
  });
});

describe('the fault of an x64 machine', () => {
  it.each([...withMemoryOf({}), 'triage'] as DumpKind[])('is found in a dump of kind %s', async (kind) => {
    const machine = machineOf('x64', { architecture: 'x64' });
    const { report } = (await openKind(machine, kind)).analyze();
    const { fault } = machine.truth;
    expect(report.fault?.ip).toBe(hex(fault!.ip));
    expect(report.fault?.instruction).toBe('mov r9,qword ptr [rax+8]');
    expect(report.fault?.address).toBe('0x4f4f4f4f4f4f4f57');
    expect(report.fault?.access).toBe('read');
  });
});

describe('an encoded debugger data block', () => {
  it('is read without symbols', async () => {
    const machine = buildMachine({ encodeDebuggerData: true });
    const { system } = await openKind(machine, 'bitmap-kernel');
    expect(system.data?.from).toBe('debugger data block in memory, decoded');
    expect(system.crashedProcessor?.number?.value).toBe(machine.crashProcessor);
  });
});
