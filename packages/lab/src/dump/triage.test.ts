import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../test/first-difference.ts';
import { type Family, TriageProbe } from '../../test/triage-probe.ts';
import { buildMachine } from '../machine/build-machine.ts';
import type { Machine } from '../machine/machine.ts';
import { dumpBytes } from '../write-dump.ts';

const realDumps = fileURLToPath(new URL('../../../../../shared/dumps', import.meta.url));
const triage = (machine: Machine, family: Family) => dumpBytes(machine, { type: 'triage', family });

const within = (outer: { address: bigint; size: number }, va: bigint): boolean =>
  va >= outer.address && va < outer.address + BigInt(outer.size);

describe.skipIf(!existsSync(realDumps))('the rules for small dumps', () => {
  const names = existsSync(realDumps) ? readdirSync(realDumps).filter((name) => name.endsWith('.dmp')) : [];
  const files = names.map((name) => ({ name, bytes: readFileSync(`${realDumps}/${name}`) }));
  const written = files.filter(({ bytes }) => bytes.subarray(0, 8).toString() === 'PAGEDU64');

  it.each(written)('hold in the real dump $name', ({ bytes }) => {
    expect(new TriageProbe(bytes).broken()).toEqual([]);
  });
});

describe.each(['x64', 'arm64'] as const)('small dumps of %s', (architecture) => {
  const machine = buildMachine({ architecture });

  it.each(['A', 'B', 'C'] as const)('of family %s keep every rule of real ones', (family) => {
    const probe = new TriageProbe(triage(machine, family));
    expect(probe.family).toBe(family);
    expect(probe.broken()).toEqual([]);
  });

  it.each(['A', 'B', 'C'] as const)('of family %s end where the blobs begin', (family) => {
    const blobs = {
      build: 19041,
      blobs: [{ tag: '2b88b710-1c93-4f7c-b06c-655ecc50decc', data: new Uint8Array(99) }],
    };
    const probe = new TriageProbe(dumpBytes(machine, { type: 'triage', family, blobs }));
    expect(probe.broken()).toEqual([]);
    expect(probe.text(probe.sizeOfDump, 8)).toBe('DumpBlob');
    expect(probe.bytes.length).toBe(probe.sizeOfDump + 0x10 + 0x20 + 104);
  });

  it('save the stack from the stack pointer up to the thread’s base', () => {
    const probe = new TriageProbe(triage(machine, 'B'));
    const top = probe.u64(0x2048);
    const thread = probe.member(0x24);
    expect(top).toBe(machine.stack.pointer);
    expect(top + BigInt(probe.member(0x2c))).toBe(probe.u64(thread + 0x38));
    const at = probe.member(0x28);
    expect(probe.bytes.subarray(at, at + 64)).toEqual(machine.space.read(top, 64));
  });

  it('list every module with base, size, checksum and time, with its path or its name', () => {
    for (const family of ['B', 'C'] as const) {
      const { modules } = machine.truth;
      expect(new TriageProbe(triage(machine, family)).drivers).toEqual(
        modules.map((module) => ({
          name: family === 'C' ? module.baseName : module.fullName,
          base: module.base,
          entryPoint: family === 'C' ? module.entryPoint : 0n,
          size: module.size,
          checkSum: module.checkSum,
          time: module.timeDateStamp,
        })),
      );
    }
  });

  it('list unloaded drivers newest first, names cut to 12 characters', () => {
    const names = new TriageProbe(triage(machine, 'B')).unloaded.map(({ name }) => name);
    expect(names).toEqual(['dump_storpor', 'hwpolicy.sys', 'WdBoot.sys', 'dam.sys']);
  });

  it('save the memory that each block says', () => {
    for (const family of ['A', 'B', 'C'] as const) {
      const probe = new TriageProbe(triage(machine, family));
      for (const { address, offset, size } of probe.blocks)
        expect(
          firstDifference(probe.bytes.subarray(offset, offset + size), machine.space.read(address, size)),
        ).toBe(-1);
    }
  });

  it('of family B save no byte twice, and the memory around the first pointers of the stack', () => {
    const { blocks } = new TriageProbe(triage(machine, 'B'));
    const sorted = blocks.toSorted((a, b) => (a.address < b.address ? -1 : 1));
    for (const [index, block] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next !== undefined) expect(block.address + BigInt(block.size)).toBeLessThanOrEqual(next.address);
    }
    for (const { ip } of machine.truth.frames.slice(0, -1))
      expect(blocks.some((block) => within(block, ip))).toBe(true);
  });

  it('of family B save what every word of the stack points to', () => {
    const { blocks } = new TriageProbe(triage(machine, 'B'));
    const { pointer, base } = machine.stack;
    const stack = { address: pointer, size: Number(base - pointer) };
    const words = machine.space.read(pointer, stack.size);
    const view = new DataView(words.buffer);
    const pointers = Array.from({ length: words.length / 8 }, (_, index) =>
      view.getBigUint64(8 * index, true),
    ).filter((word) => word >= 0x1_0000n && machine.space.pfnOf(word) !== undefined);
    expect(pointers.length).toBeGreaterThan(20);
    for (const word of pointers)
      expect(within(stack, word) || blocks.some((block) => within(block, word))).toBe(true);
  });

  it('of family B save every processor, the others of the crashed one alone', () => {
    const [idle, crashed] = machine.processors;
    const blocksOf = (family: Family) => new TriageProbe(triage(machine, family)).blocks;
    for (const { prcb } of [idle!, crashed!]) {
      expect(blocksOf('B').some((block) => within(block, prcb.va))).toBe(true);
      expect(
        blocksOf('C').some((block) => block.address === prcb.va && block.size === prcb.structure.size),
      ).toBe(false);
    }
    const { member, u64 } = new TriageProbe(triage(machine, 'C'));
    expect(u64(member(0x1c) + 8)).toBe(machine.thread.va);
  });

  it('of family C save a window around the instruction pointer, the others do not', () => {
    const { registers } = machine.truth;
    const ip = registers['rip'] ?? registers['pc']!;
    const hasWindow = (family: Family) =>
      new TriageProbe(triage(machine, family)).blocks.some(
        ({ address, size }) => address === ip - 0x100n && size === 0x200,
      );
    expect((['A', 'B', 'C'] as const).map(hasWindow)).toEqual([false, false, true]);
  });

  it('save the page-table entries of the bug check’s addresses', () => {
    const { blocks } = new TriageProbe(triage(machine, 'C'));
    const ip = machine.bugCheck.parameters[1]!;
    for (const entry of machine.space.tables.entryAddresses(ip))
      expect(blocks.some(({ address, size }) => address === entry && size === 8)).toBe(true);
  });
});

describe('small dumps of exceptions in system threads', () => {
  const machine = buildMachine({ crash: 'system-thread' });
  const probe = new TriageProbe(triage(machine, 'B'));

  it('show the exception’s context and say so in the code', () => {
    expect(probe.u32(0x38)).toBe(0x1000_007e);
    expect(probe.u64(0x348 + 0xf8)).toBe(machine.truth.fault!.ip);
    expect(probe.u64(0x348 + 0x98)).toBe(machine.truth.fault!.registers['rsp']);
  });

  it('save the stack from the bug check on', () => {
    expect(probe.u64(0x2048)).toBe(machine.truth.frames[0]!.sp);
    expect(probe.u64(0x2048)).toBeLessThan(machine.truth.fault!.registers['rsp']!);
  });
});

describe('32-bit small dumps', () => {
  const machine = buildMachine({ architecture: 'x86' });
  const bytes = dumpBytes(machine, { type: 'triage' });
  const view = new DataView(bytes.buffer);
  const member = (offset: number): number => view.getUint32(0x1000 + offset, true);

  it('keep the same rules with their own sizes', () => {
    expect(String.fromCharCode(...bytes.subarray(member(0x08), member(0x08) + 4))).toBe('TRGD');
    expect(member(0x08)).toBe(member(0x04) - 4);
    expect([member(0x0c), member(0x10), member(0x14)]).toEqual([0x320, 0x7d0, 0]);
    const unloaded = member(0x18);
    expect(unloaded).toBe(0x1068);
    expect(view.getUint32(unloaded, true)).toBe(4);
    const sizes = [4 + 4 * 0x28, 0x5f00, 0x4c0, 0x4e0, member(0x2c), 0x380, 5 * 0x4c, member(0x3c)];
    const offsets = [0x18, 0x1c, 0x20, 0x24, 0x28, 0x58, 0x30, 0x38, 0x60].map(member);
    for (const [index, size] of sizes.entries()) expect(offsets[index + 1]).toBe(offsets[index]! + size);
  });

  it('pack blocks of 12-byte entries', () => {
    const at = member(0x60);
    let expected = at + 12 * member(0x64);
    for (let index = 0; index < member(0x64); index++) {
      expect(view.getUint32(at + 12 * index + 4, true)).toBe(expected);
      expected += view.getUint32(at + 12 * index + 8, true);
    }
    expect(member(0x64)).toBeGreaterThan(20);
    expect(view.getUint32(0x1048, true)).toBe(Number(machine.stack.pointer & 0xffff_ffffn));
  });
});
