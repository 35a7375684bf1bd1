import { BufferSource, lineText, openSession, type Session, type SymbolSource } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../machine/machine.ts';
import { pdbFiles } from '../pdb/machine-pdbs.ts';
import { dumpBytes } from '../write-dump.ts';
import { playScenario } from './play-scenario.ts';
import { specialScenarios } from './special.ts';

function symbolsOf(machine: Machine): SymbolSource {
  const files = new Map(pdbFiles(machine).map((file) => [`${file.guid}${file.age}`, file]));
  return {
    path: 'lab',
    find: ({ pdb }, kind) => {
      const file = pdb && files.get(`${pdb.guid}${pdb.age}`);
      return Promise.resolve(
        kind === 'pdb' && file !== undefined
          ? { kind, location: file.name, source: new BufferSource(file.bytes) }
          : undefined,
      );
    },
  };
}

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })), {
    path: 'scenario.dmp',
    symbols: symbolsOf(machine),
  });

const played = new Map<string, Machine>();

function play(name: string, build?: number): Machine {
  const key = `${name} ${build ?? ''}`;
  const scenario = specialScenarios.find((each) => each.name === name)!;
  const machine = played.get(key) ?? playScenario(scenario, build === undefined ? {} : { build });
  played.set(key, machine);
  return machine;
}

const text = (session: Session, line: string): string => session.execute(line).lines.map(lineText).join('\n');
const hex = (value: bigint): string => value.toString(16);

/** How each story ends: bug check, and the functions from the check to the driver. */
const ends: Readonly<Record<string, readonly [code: number, via: readonly string[]]>> = {
  'special-overrun': [0xd6, ['MiSystemFault', 'MmAccessFault', 'KiPageFault']],
  'special-overrun-read': [0xd6, ['MiSystemFault', 'MmAccessFault', 'KiPageFault']],
  'special-by-tag': [0xd6, ['MiSystemFault', 'MmAccessFault', 'KiPageFault']],
  'special-underrun': [0xd6, ['MiSystemFault', 'MmAccessFault', 'KiPageFault']],
  'special-write-after-free': [0xd5, ['MiSystemFault', 'MmAccessFault', 'KiPageFault']],
  'special-read-after-free': [0xcc, ['MiSystemFault', 'MmAccessFault', 'KiPageFault', 'memcpy']],
  'special-double-free': [
    0x50,
    ['MiSystemFault', 'MmAccessFault', 'KiPageFault', 'ExFreePoolSanityChecks', 'VerifierExFreePoolWithTag'],
  ],
  'special-slop-overrun': [
    0xc1,
    ['MiCheckSpecialPoolSlop', 'MmFreeSpecialPool', 'ExFreePoolWithTag', 'VerifierExFreePoolWithTag'],
  ],
  'special-slop-underrun': [
    0xc1,
    ['MiCheckSpecialPoolSlop', 'MmFreeSpecialPool', 'ExFreePoolWithTag', 'VerifierExFreePoolWithTag'],
  ],
  'tracked-overrun': [
    0xc4,
    [
      'VerifierBugCheckIfAppropriate',
      'ViFreeTrackedPool',
      'VfFreePoolNotification',
      'VerifierExFreePoolWithTag',
    ],
  ],
  'verifier-leak': [
    0xc4,
    ['VerifierBugCheckIfAppropriate', 'VfPoolCheckForLeaks', 'VfDriverUnloadImage', 'MmUnloadSystemImage'],
  ],
  'verifier-zero-bytes': [
    0xc4,
    [
      'VerifierBugCheckIfAppropriate',
      'ExAllocatePoolSanityChecks',
      'VeAllocatePoolWithTagPriority',
      'VerifierExAllocatePoolWithTag',
    ],
  ],
  'verifier-high-irql': [
    0xc4,
    [
      'VerifierBugCheckIfAppropriate',
      'ExAllocatePoolSanityChecks',
      'VeAllocatePoolWithTagPriority',
      'VerifierExAllocatePoolWithTag',
    ],
  ],
};

describe.each(Object.entries(ends))('scenario %s', (name, [code, via]) => {
  it('ends as on the real system, with a stack that reads as it was', async () => {
    const machine = play(name);
    expect(machine.bugCheck.code).toBe(code);
    const { frames } = machine.truth;
    const functions = frames.map((frame) => frame.function);
    expect(functions.slice(1, via.length + 2)).toEqual([
      ...via.map((each) => `nt!${each}`),
      name === 'verifier-leak' ? 'nt!IopUnloadDriver' : 'myfault!MyfaultDeviceControl',
    ]);
    const session = await open(machine);
    const shown = session.execute('k').data as readonly { ip: bigint; sp: bigint }[];
    expect(shown.map(({ ip, sp }) => [ip, sp])).toEqual(frames.map(({ ip, sp }) => [ip, sp]));
    const { report } = session.analyze();
    expect(report.bugcheck.parameters.map(BigInt)).toEqual(machine.bugCheck.parameters);
  });
});

it('every story has an end above', () => {
  expect(specialScenarios.map(({ name }) => name).sort()).toEqual(Object.keys(ends).sort());
});

describe('the article, part 2', () => {
  const machine = play('special-overrun');
  const block = machine.truth.scenario!.block!;

  it('has the guard page, and the page before it', async () => {
    const session = await open(machine);
    const [guard, write, ip] = machine.bugCheck.parameters;
    expect([guard, write]).toEqual([block.address + 0x800n, 1n]);
    expect(ip).toBe(machine.truth.fault!.ip);
    expect(text(session, `!pool ${hex(guard!)}`)).toContain(
      `Pool page ${hex(guard!)} region is Special pool\n${hex(guard!)}: Unable to get contents of special pool block`,
    );
    expect(text(session, `!pool ${hex(guard!)}-1000`)).toContain(
      `*${hex(guard! - 0x1000n)} size:  800 data: ${hex(block.address)} (NonPaged) *Wrap`,
    );
    const entry = text(session, `!pte ${hex(guard!)}`);
    expect(entry).toContain('contains 0000000000000000');
    expect(entry).toContain('not valid');
  });

  it('names the driver, and what was verified', async () => {
    const session = await open(machine);
    const settings = text(session, '!verifier 3');
    expect(settings).toContain('myfault.sys');
    expect(settings).toContain(hex(block.address));
    expect(settings).toMatch(/Special pool/);
  });
});

describe('the article, part 3', () => {
  const machine = play('special-double-free');
  const { freedAddress } = machine.truth.scenario!;

  it('has a fault at the header of a block whose page table is gone', async () => {
    const session = await open(machine);
    const [address, read, , kind] = machine.bugCheck.parameters;
    expect([address, read, kind]).toEqual([freedAddress! - 0x10n, 0n, 2n]);
    expect(text(session, `dd ${hex(address!)} L4`)).toContain('????????');
    expect(text(session, `!pte ${hex(address!)}`)).toMatch(
      /PDE at .*\n.*contains 0000000000000000\n.*not valid/,
    );
    expect(machine.truth.fault!.registers).toMatchObject({
      rbx: freedAddress,
      rcx: freedAddress,
      r10: freedAddress,
      r8: freedAddress! + 1n,
      r9: address,
      rax: 0n,
    });
  });

  it('has the allocation and the first free in the log, newest first', async () => {
    const session = await open(machine);
    const log = text(session, `!verifier 80 ${hex(freedAddress!)}`);
    expect(log).toContain('There are up to 0x10000 entries in the log.');
    const blocks = log.split('Pool block ').slice(1);
    expect(blocks.length).toBe(2);
    for (const each of blocks) expect(each).toContain(`${hex(freedAddress!)}, Size 0000000000000800`);
    expect(blocks[0]).toMatch(
      /nt!VfFreePoolNotification[^]*nt!VerifierExFreePoolWithTag[^]*myfault!MyfaultDeviceControl/,
    );
    expect(blocks[1]).toMatch(
      /nt!VeAllocatePoolWithTagPriority[^]*nt!VerifierExAllocatePoolWithTag[^]*myfault!MyfaultDeviceControl[^]*myfault!MyfaultDispatch[^]*nt!IovCallDriver[^]*nt!KiSystemServiceCopyEnd/,
    );
  });
});

describe('where the article was', () => {
  it.each([
    ['special-overrun', 0x59, 0xffff_f980_0b5f_e800n],
    ['special-double-free', 0x52, 0xffff_f980_0a7f_e800n],
  ])('%s is on a machine that had used so much of special pool', (name, specialPoolSlice, address) => {
    const scenario = specialScenarios.find((each) => each.name === name)!;
    expect(playScenario(scenario, { specialPoolSlice }).truth.scenario?.block?.address).toBe(address);
  });
});

describe('a block that pool tracking has made longer', () => {
  it('is freed with the address of its record gone', async () => {
    const machine = play('tracked-overrun');
    const { block, damage } = machine.truth.scenario!;
    const [kind, address, slot, bytes] = machine.bugCheck.parameters;
    const end = block!.address + BigInt(block!.size);
    expect([kind, address, slot, bytes]).toEqual([0x51n, block!.address + 0x10n, end - 8n, 0x7d3n]);
    expect([damage!.start, damage!.length]).toEqual([address! + bytes!, Number(end - address! - bytes!)]);
    const session = await open(machine);
    expect(text(session, `dq ${hex(slot!)} L1`)).toContain('41414141`41414141');
    expect(text(session, '!verifier 3')).toContain(hex(address!));
  });
});

describe('a leak', () => {
  it('is told with the name of the driver, its record and its blocks', async () => {
    const machine = play('verifier-leak');
    const session = await open(machine);
    const [kind, name, , count] = machine.bugCheck.parameters;
    expect([kind, count]).toEqual([0x62n, 3n]);
    expect(text(session, `du ${hex(name!)}`)).toContain('myfault.sys');
    const report = text(session, '!verifier 3 myfault.sys');
    for (const size of ['0x00000040', '0x00000050', '0x00000060']) expect(report).toContain(size);
    expect(report).not.toContain('another number of allocations');
  });
});

describe('the slop of a block', () => {
  it.each([
    ['special-slop-overrun', 0x24n],
    ['special-slop-underrun', 0x23n],
  ])('of %s is reported with its first changed byte', async (name, kind) => {
    const machine = play(name);
    const { damage, block } = machine.truth.scenario!;
    const [address, first, , found] = machine.bugCheck.parameters;
    expect([address, first, found]).toEqual([block!.address, damage!.start, kind]);
    const session = await open(machine);
    expect(text(session, `!pool ${hex(block!.address)}`)).toContain(hex(damage!.start));
  });
});

describe.each([7601, 9200, 9600, 14_393, 17_763])('on build %i', (build) => {
  it('special pool and its log read back', async () => {
    const machine = play('special-double-free', build);
    expect(machine.bugCheck.code).toBe(0x50);
    const session = await open(machine);
    const { freedAddress } = machine.truth.scenario!;
    expect(text(session, `!verifier 80 ${hex(freedAddress!)}`).split('Pool block ').length).toBe(3);
    const guard = play('special-overrun', build);
    expect(guard.bugCheck.code).toBe(0xd6);
    const again = await open(guard);
    const { block } = guard.truth.scenario!;
    expect(text(again, `!pool ${hex(block!.address)}`)).toContain(`size:  800 data: ${hex(block!.address)}`);
  });
});
