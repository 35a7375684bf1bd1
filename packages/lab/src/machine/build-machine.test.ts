import { describe, expect, it } from 'vitest';
import { DumpProbe } from '../../test/dump-probe.ts';
import { firstDifference } from '../../test/first-difference.ts';
import { MemoryView } from '../../test/memory-view.ts';
import { dumpBytes } from '../write-dump.ts';
import { buildMachine } from './build-machine.ts';
import type { MachineOptions } from './machine.ts';

interface Case {
  readonly options: MachineOptions;
  readonly levels: 4 | 5;
  /** Offsets of the build, from PDB types: image name, process links, id, thread list; stack fields of a thread. */
  readonly process: {
    readonly name: number;
    readonly links: number;
    readonly id: number;
    readonly dtb: number;
  };
  readonly thread: { readonly limit: number; readonly base: number; readonly process: number };
  readonly prcb: {
    readonly thread: number;
    readonly context: number;
    readonly frame: number;
    readonly ip: number;
  };
}

const x64 = {
  process: { name: 0x5a8, links: 0x448, id: 0x440, dtb: 0x28 },
  thread: { limit: 0x30, base: 0x38, process: 0x220 },
  prcb: { thread: 8, context: 0x85c0, frame: 0x1f0, ip: 0xf8 },
};
const x86 = {
  process: { name: 0x1ac, links: 0xe8, id: 0xe4, dtb: 0x18 },
  thread: { limit: 0x24, base: 0x28, process: 0x150 },
  prcb: { thread: 4, context: 0x4168, frame: 0x18, ip: 0xb8 },
};
const arm64 = {
  process: { name: 0x560, links: 0x400, id: 0x3f8, dtb: 0x28 },
  thread: { limit: 0x30, base: 0x38, process: 0x240 },
  prcb: { thread: 8, context: 0x8a0, frame: 0x360, ip: 0x108 },
};

const cases: Case[] = [
  { options: { architecture: 'x64' }, levels: 4, ...x64 },
  { options: { architecture: 'x64', paging: 'la57' }, levels: 5, ...x64 },
  { options: { architecture: 'x86', paging: 'pae' }, levels: 4, ...x86 },
  { options: { architecture: 'x86', paging: 'x86' }, levels: 4, ...x86 },
  { options: { architecture: 'arm64' }, levels: 4, ...arm64 },
];

describe.each(cases)('the machine $options', ({ options, levels, process, thread, prcb }) => {
  const machine = buildMachine(options);
  const dump = new DumpProbe(dumpBytes(machine, { type: 'bitmap-full' }));
  const size = machine.profile.pointerSize;
  const memory = new MemoryView({ read: (va, length) => dump.read(va, length, levels) });
  const pointer = (va: bigint): bigint => memory.pointer(va, size);
  const signExtended = (va: bigint): bigint => (size === 8 ? va : BigInt.asUintN(64, BigInt.asIntN(32, va)));
  const header = (at64: number, at32: number): bigint =>
    size === 8 ? dump.u64(at64) : signExtended(BigInt(dump.u32(at32)));
  const block = header(0x80, 0x60);
  const data = (offset: number): bigint => memory.u64(block + BigInt(offset));
  const dataU16 = (offset: number): number => memory.u16(block + BigInt(offset));

  it('has a debugger data block where the header says', () => {
    expect(String.fromCharCode(...memory.bytes(block + 0x10n, 4))).toBe('KDBG');
    expect(memory.u32(block + 0x14n)).toBe(0x380);
    expect(data(0x18)).toBe(machine.truth.modules[0]!.base);
    expect(data(0x48)).toBe(header(0x20, 0x18));
    expect(data(0x50)).toBe(header(0x28, 0x1c));
    expect(data(0x138)).toBe(0x1000n);
  });

  it('lists its modules with names, in both directions', () => {
    const head = data(0x48);
    const names: [string, string, bigint, number][] = [];
    let previous = head;
    for (let entry = pointer(head); entry !== head; entry = pointer(entry)) {
      expect(pointer(entry + BigInt(size))).toBe(previous);
      const at = (wide: number, narrow: number): bigint => entry + BigInt(size === 8 ? wide : narrow);
      names.push([
        memory.unicodeString(at(0x58, 0x2c), size),
        memory.unicodeString(at(0x48, 0x24), size),
        pointer(at(0x30, 0x18)),
        memory.u32(at(0x40, 0x20)),
      ]);
      previous = entry;
    }
    expect(names).toEqual(
      machine.truth.modules.map(({ baseName, fullName, base, size: bytes }) => [
        baseName,
        fullName,
        base,
        bytes,
      ]),
    );
    expect(names.map(([name]) => name)).toEqual([
      'ntoskrnl.exe',
      'hal.dll',
      'storfilt.sys',
      'netsamp.sys',
      'sampledrv.sys',
    ]);
  });

  it('has an image with PE headers at every module’s base', () => {
    for (const { base, size: bytes, timeDateStamp, checkSum } of machine.truth.modules) {
      const pe = base + BigInt(memory.u32(base + 0x3cn));
      expect(String.fromCharCode(...memory.bytes(base, 2), ...memory.bytes(pe, 4))).toBe('MZPE\0\0');
      expect([memory.u32(pe + 8n), memory.u32(pe + 24n + 56n), memory.u32(pe + 24n + 64n)]).toEqual([
        timeDateStamp,
        bytes,
        checkSum,
      ]);
    }
  });

  it('lists its processes, the crashed one among them', () => {
    const head = data(0x50);
    const found: [string, bigint][] = [];
    for (let link = pointer(head); link !== head; link = pointer(link)) {
      const object = link - BigInt(process.links);
      found.push([memory.asciiz(object + BigInt(process.name), 16), pointer(object + BigInt(process.id))]);
    }
    expect(found).toEqual([
      ['System', 4n],
      ['smss.exe', 0x1c8n],
      ['csrss.exe', 0x25cn],
      ['recordhost.exe', 0xc98n],
      ['recordsvc.exe', 0x1a4cn],
    ]);
    const dtb =
      size === 8
        ? memory.u64(machine.process.va + BigInt(process.dtb))
        : BigInt(memory.u32(machine.process.va + BigInt(process.dtb)));
    expect(Number(dtb)).toBe(dump.directoryTableBase);
  });

  it('has processors with threads, contexts and stacks', () => {
    const table = data(0x218);
    for (const { number, prcb: object, thread: running, stack, registers } of machine.processors) {
      const at = pointer(table + BigInt(number * size));
      expect(at).toBe(object.va);
      expect(pointer(at + BigInt(dataU16(0x2b4)))).toBe(running.va);
      expect(dataU16(0x2b4)).toBe(prcb.thread);
      const context = pointer(at + BigInt(dataU16(0x338)));
      expect(dataU16(0x338)).toBe(prcb.context);
      const ip = registers['rip'] ?? registers['eip'] ?? registers['pc'];
      expect(pointer(context + BigInt(prcb.ip))).toBe(ip);
      expect(dataU16(0x2bc)).toBe(prcb.frame);
      expect(pointer(at + BigInt(prcb.frame + prcb.ip))).toBe(ip);
      expect(pointer(running.va + BigInt(thread.limit))).toBe(stack.limit);
      expect(pointer(running.va + BigInt(thread.base))).toBe(stack.base);
    }
    const crashed = machine.processors[machine.crashProcessor]!;
    expect(crashed.thread.va).toBe(machine.thread.va);
    expect(pointer(machine.thread.va + BigInt(thread.process))).toBe(machine.process.va);
  });

  it('keeps the bug check data that the header tells', () => {
    const parameters = Array.from({ length: 5 }, (_, index) => pointer(data(0x88) + BigInt(index * size)));
    const inHeader = [0, 1, 2, 3].map((index) => header(0x40 + 8 * index, 0x2c + 4 * index));
    expect(parameters).toEqual([BigInt(dump.u32(size === 8 ? 0x38 : 0x28)), ...inHeader]);
    expect(machine.bugCheck.parameters).toEqual(inHeader);
  });

  it('remembers unloaded drivers, oldest first', () => {
    const array = pointer(data(0x220));
    const stride = size === 8 ? 0x28 : 0x18;
    const count = memory.u32(data(0x228));
    const names = Array.from({ length: count }, (_, index) =>
      memory.unicodeString(array + BigInt(stride * index), size),
    );
    expect(names).toEqual(['dam.sys', 'WdBoot.sys', 'hwpolicy.sys', 'dump_storport.sys']);
  });

  it('says its build in text and in the shared page', () => {
    expect(memory.asciiz(data(0x208))).toBe(machine.profile.buildLab);
    const shared = size === 8 ? 0xffff_f780_0000_0000n : 0xffff_ffff_ffdf_0000n;
    expect([0x260, 0x264, 0x26c, 0x270, 0x2d0].map((at) => memory.u32(shared + BigInt(at)))).toEqual([
      machine.profile.build,
      1,
      10,
      0,
      0x110,
    ]);
    expect(memory.u64(shared + 0x14n)).toBe(dump.u64(size === 8 ? 0xfa8 : 0xfc0));
  });

  it('translates its own page-table addresses', () => {
    const base = data(0x360);
    const va = machine.truth.modules[0]!.base;
    const entrySize = options.paging === 'x86' ? 4n : 8n;
    const width = size === 4 ? 32n : levels === 5 ? 57n : 48n;
    const entryAt = base + ((va & ((1n << width) - 1n)) >> 12n) * entrySize;
    const entry = entrySize === 8n ? memory.u64(entryAt) : BigInt(memory.u32(entryAt));
    expect(entry).toBe(dump.walk(va, levels)!.entry);
  });

  it('maps code for execution only, and data for writing only', () => {
    const { base } = machine.truth.modules[0]!;
    const code = dump.walk(base + 0x1000n, levels)!;
    const variable = dump.walk(data(0x48), levels)!;
    expect([code.writable, variable.writable]).toEqual([false, true]);
    if (options.paging !== 'x86') expect([code.executable, variable.executable]).toEqual([true, false]);
    expect([code.user, variable.user]).toEqual([false, false]);
    expect(dump.walk(machine.profile.addresses.userImage, levels)!.user).toBe(true);
  });
});

describe('special pages of a machine', () => {
  it.each([
    { paging: 'x64' },
    { architecture: 'x86' },
    { architecture: 'x86', paging: 'x86' },
  ] as MachineOptions[])('%j have the entries that they should', (options) => {
    const machine = buildMachine(options);
    const pages = machine.specialPages!;
    const dump = new DumpProbe(dumpBytes(machine, { type: 'full' }));
    for (const page of [pages.transition!, pages.pageFile!, pages.demandZero!])
      expect(dump.walk(page.va)).toBeUndefined();
    const transition = dump.page(pages.transition!.pfn)!;
    expect(new DataView(transition.buffer, transition.byteOffset).getBigUint64(0, true)).toBe(
      BigInt(pages.transition!.pfn),
    );
    expect(dump.walk(pages.large!.va)!.pa).toBe(pages.large!.pfn * 4096);
    expect(dump.readU64(pages.large!.marker)).toBe(pages.large!.value);
  });
});

describe('an encoded debugger data block', () => {
  const machine = buildMachine({ encodeDebuggerData: true });
  const memory = new MemoryView(machine.space);
  const symbol = (name: string): bigint => machine.truth.symbols.get(`nt!${name}`)!;
  const mask = 0xffff_ffff_ffff_ffffn;
  const rotateLeft = (value: bigint, count: bigint): bigint =>
    ((value << count) | (value >> (64n - count))) & mask;
  const swap = (value: bigint): bigint =>
    BigInt(`0x${value.toString(16).padStart(16, '0').match(/../g)!.reverse().join('')}`);

  it('can be read with KiWaitNever, KiWaitAlways and the address of the flag', () => {
    const never = memory.u64(symbol('KiWaitNever'));
    const always = memory.u64(symbol('KiWaitAlways'));
    const decode = (value: bigint): bigint =>
      swap(rotateLeft(value ^ never, never & 0x3fn) ^ symbol('KdpDataBlockEncoded')) ^ always;
    const encoded = machine.space.read(machine.debuggerData.va, 0x380);
    const decoded = new Uint8Array(0x380);
    for (let at = 0; at < 0x380; at += 8) {
      const value = decode(new DataView(encoded.buffer).getBigUint64(at, true));
      new DataView(decoded.buffer).setBigUint64(at, value, true);
    }
    expect(encoded).not.toEqual(decoded);
    expect(decoded).toEqual(machine.debuggerData.bytes);
    expect(memory.u32(symbol('KdpDataBlockEncoded'))).toBe(1);
    expect(never & 0x3fn).not.toBe(0n);
  });

  it('is not encoded in a small dump', () => {
    const bytes = dumpBytes(machine, { type: 'triage' });
    const at = new DataView(bytes.buffer).getUint32(0x2070, true);
    expect(bytes.subarray(at, at + 0x380)).toEqual(machine.debuggerData.bytes);
  });
});

describe('options of a machine', () => {
  it('decide the number of processors and of pages', () => {
    const machine = buildMachine({ processors: 4, memoryPages: 0x2000, largePage: false });
    expect(machine.processors.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    expect(machine.memory.runs.reduce((sum, { pageCount }) => sum + pageCount, 0)).toBe(0x2000);
    expect(machine.specialPages.large).toBeUndefined();
  });

  it('refuse page tables that the processor does not have', () => {
    expect(() => buildMachine({ architecture: 'x86', paging: 'la57' })).toThrow(
      'x86 has no la57 page tables',
    );
  });

  it('let a caller add to kernel memory, seen by every process', () => {
    const va = 0xffff_a800_0000_0000n;
    const machine = buildMachine({
      prepare({ space }) {
        space.allocate(va, 0x1000, { writable: true });
        space.write(va, Uint8Array.of(1, 2, 3));
      },
    });
    const dump = new DumpProbe(dumpBytes(machine, { type: 'bitmap-kernel' }));
    expect([...dump.read(va, 3)]).toEqual([1, 2, 3]);
  });

  it('give the same bytes when they are the same', () => {
    for (const type of ['bitmap-kernel', 'triage', 'full'] as const)
      expect(firstDifference(dumpBytes(buildMachine(), { type }), dumpBytes(buildMachine(), { type }))).toBe(
        -1,
      );
  });
});
