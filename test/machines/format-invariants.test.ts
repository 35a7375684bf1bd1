import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { decodeContext } from '../../packages/engine/src/cpu/index.ts';
import { openDump } from '../../packages/engine/src/dump/index.ts';
import { BufferSource } from '../../packages/engine/src/io/index.ts';
import { openSession } from '../../packages/engine/src/session.ts';
import { DebuggerData } from '../../packages/engine/src/windows/index.ts';

const machine = buildMachine();
const open = (bytes: Uint8Array) => openDump(new BufferSource(bytes));
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const tagOf = (text: string) => new TextEncoder().encode(text);

describe('containers', () => {
  it('H-4 a bitmap block behind the header of a full dump is believed', () => {
    const bytes = dumpBytes(machine, { type: 'bitmap-full' });
    viewOf(bytes).setUint32(0xf98, 1, true);
    expect(open(bytes).format).toBe('bitmap-full');
  });

  it('B-3 the runs of a full dump follow one another behind the header', () => {
    const { physical } = open(dumpBytes(machine, { type: 'full' }));
    let next = 0x2000;
    for (const { base, count } of physical!.pages.runs()) {
      expect(physical!.pages.offsetOf(base)).toBe(next);
      next += count * 0x1000;
    }
  });

  it('B-8 the form of a bitmap block is told by where its first page lies, not by the type', () => {
    const summary = dumpBytes(machine, { type: 'summary' });
    const pages = open(summary).physical!.pages.pageCount;
    viewOf(summary).setUint32(0xf98, 6, true);
    expect(open(summary).physical!.pages.pageCount).toBe(pages);
    const bitmap = dumpBytes(machine, { type: 'bitmap-kernel' });
    const present = open(bitmap).physical!.pages.pageCount;
    viewOf(bitmap).setUint32(0xf98, 2, true);
    expect(open(bitmap).physical!.pages.pageCount).toBe(present);
  });

  it('B-10 the ranges of a range dump end at a zero page number, but may begin with one', () => {
    const bytes = dumpBytes(machine, { type: 'range-kernel' });
    const pages = open(bytes).physical!.pages.pageCount;
    const view = viewOf(bytes);
    const first = view.getBigUint64(0x2030, true);
    view.setBigUint64(0x2030, 0n, true);
    expect(open(bytes).physical!.pages.pageCount).toBe(pages);
    view.setBigUint64(0x2030, first, true);
    view.setBigUint64(0x2040, 0n, true);
    expect(open(bytes).physical!.pages.pageCount).toBe(Number(view.getBigUint64(0x2038, true)));
  });

  it('B-11 and B-12 secondary data is walked with its padding, up to the first header that is none', () => {
    const bytes = dumpBytes(machine, {
      type: 'bitmap-kernel',
      blobs: {
        build: 19041,
        blobs: [
          { tag: '12345678-1234-1234-1234-123456789abc', data: tagOf('one') },
          { tag: '87654321-4321-4321-4321-cba987654321', data: tagOf('three') },
        ],
      },
    });
    const longer = new Uint8Array(bytes.length + 64);
    longer.set(bytes);
    const dump = open(longer);
    const blobs = dump.secondaryData();
    expect(blobs.map(({ guid, size }) => [guid, size])).toEqual([
      ['12345678-1234-1234-1234-123456789abc', 3],
      ['87654321-4321-4321-4321-cba987654321', 5],
    ]);
    expect(blobs.map(({ offset, size }) => new TextDecoder().decode(dump.file.read(offset, size)))).toEqual([
      'one',
      'three',
    ]);
  });

  it('T-5 and T-6 drivers of a small dump are read by their stride, names by UTF-16 units', () => {
    const dump = open(dumpBytes(machine, { type: 'triage' }));
    expect(dump.triage!.drivers.map(({ name, base }) => [name, base])).toEqual(
      machine.truth.modules.map(({ fullName, base }) => [fullName, base]),
    );
  });

  it('T-7 names of unloaded drivers end after 12 units', () => {
    const dump = open(dumpBytes(machine, { type: 'triage' }));
    expect(dump.triage!.unloadedDrivers[0]!.name).toBe('dump_storpor');
  });
});

describe('a bitmap', () => {
  it('B-5 ends before the first page, which begins a page of the file', () => {
    const bytes = dumpBytes(machine, { type: 'bitmap-kernel' });
    const view = viewOf(bytes);
    const first = Number(view.getBigUint64(0x2020, true));
    expect(first % 0x1000).toBe(0);
    // A bitmap that claims to reach into the pages is cut there.
    view.setBigUint64(0x2030, BigInt((first - 0x2038) * 8 + 64), true);
    const dump = open(bytes);
    expect(dump.physical!.pages.limit).toBe((first - 0x2038) * 8);
    expect(dump.warnings.list.map(({ rule }) => rule)).toContain('bitmap-size');
  });
});

describe('contexts and the debugger data block', () => {
  const bytes = () => dumpBytes(machine, { type: 'header' }).slice(0x348, 0x348 + 0x4d0);

  it('C-1 a context of another machine is none', () => {
    expect(decodeContext('x64', bytes())).toBeDefined();
    const other = bytes();
    viewOf(other).setUint32(0x30, 0x400007, true);
    expect(decodeContext('x64', other)).toBeUndefined();
  });

  it('C-2 registers that the flags leave out are unknown', () => {
    const some = bytes();
    viewOf(some).setUint32(0x30, 0x100001, true);
    const registers = decodeContext('x64', some)!;
    expect(registers.ip).toBeDefined();
    expect(['rax', 'rbp', 'r15', 'ds', 'dr7'].map((name) => registers.get(name))).toEqual(
      new Array(5).fill(undefined),
    );
  });

  it('K-1, K-3 and K-4 the block carries its tag and page size, and repeats two pointers of the header', async () => {
    const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
    const { header } = system.target.dump;
    expect(system.data?.value.address('MmPageSize')).toBe(0x1000n);
    expect(system.data?.value.address('PsLoadedModuleList')).toBe(header.psLoadedModuleList);
    expect(system.data?.value.address('PsActiveProcessHead')).toBe(header.psActiveProcessHead);
  });

  it('K-2 what lies behind the size of a block is absent', () => {
    const block = machine.debuggerData.bytes;
    expect(new DebuggerData(block).address('PteBase')).toBeDefined();
    expect(new DebuggerData(block.subarray(0, 0x340)).address('PteBase')).toBeUndefined();
  });
});

describe('the list of modules', () => {
  const entryAt = (bytes: Uint8Array, index: number): number => {
    const view = viewOf(bytes);
    const { base, size } = machine.truth.modules[index]!;
    for (let at = 0x2000; at + 0x48 < bytes.length; at += 8) {
      if (view.getBigUint64(at + 0x30, true) === base && view.getUint32(at + 0x40, true) === size) return at;
    }
    throw new Error('the entry is not in the dump');
  };
  const reportOf = async (bytes: Uint8Array) => (await openSession(new BufferSource(bytes))).analyze().report;

  /** A dump whose third module has names longer than their room. */
  const withoutNames = (): Uint8Array => {
    const bytes = dumpBytes(machine, { type: 'full' });
    const at = entryAt(bytes, 2);
    for (const name of [0x48, 0x58]) viewOf(bytes).setUint16(at + name + 2, 0, true);
    return bytes;
  };

  it('L-1 a name longer than its room is unknown: the image tells its own', async () => {
    const report = await reportOf(withoutNames());
    expect(report.modules[2]).toMatchObject({ name: 'storfilt', image: 'storfilt.sys' });
    expect(report.warnings.map(({ rule }) => rule)).toEqual(['module-name']);
  });

  it('L-1 a module whose image has no name either is called unknown', async () => {
    const bytes = withoutNames();
    const record = tagOf('storfilt.pdb');
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(record);
    bytes.fill(0, at, at + record.length);
    const report = await reportOf(bytes);
    expect(report.modules[2]).toMatchObject({ name: 'unknown', image: 'unknown' });
    expect(report.warnings.map(({ rule }) => rule)).toEqual(['module-name']);
  });

  it('L-3 a link back to somewhere else is damage, and the walk goes on', async () => {
    const bytes = dumpBytes(machine, { type: 'full' });
    viewOf(bytes).setBigUint64(entryAt(bytes, 2) + 8, 0x1000n, true);
    const report = await reportOf(bytes);
    expect(report.warnings.map(({ rule }) => rule)).toEqual(['module-links']);
    expect(report.modules.length).toBe(machine.truth.modules.length);
  });

  it('L-4 an entry whose base is no page is left out', async () => {
    const bytes = dumpBytes(machine, { type: 'full' });
    const at = entryAt(bytes, 3);
    viewOf(bytes).setBigUint64(at + 0x30, 0x123n, true);
    const report = await reportOf(bytes);
    expect(report.warnings.map(({ rule }) => rule)).toEqual(['module-entry']);
    expect(report.modules.length).toBe(machine.truth.modules.length - 1);
  });

  it('L-5 unloaded drivers come newest first', async () => {
    const report = await reportOf(dumpBytes(machine, { type: 'full' }));
    expect(report.unloadedModules.map(({ name }) => name)).toEqual(
      [...machine.unloadedDrivers].reverse().map(({ name }) => name),
    );
  });
});
