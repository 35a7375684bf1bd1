import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../cpu/index.ts';
import { type Instruction, instructionLine, loadDisassembler } from './index.ts';

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));
/** An arm64 word as the debugger shows it. */
const wordOf = (hex: string): Uint8Array => bytesOf(hex).reverse();

const address = 0xffff_f807_1234_5678n;

async function decode(machine: Machine, code: Uint8Array): Promise<Instruction> {
  const instruction = (await loadDisassembler(machine)).decode(code, address);
  expect(instruction).toBeDefined();
  return instruction!;
}

describe('outline', () => {
  it.each(['x64', 'x86'] as const)('tells length and mnemonic as decode does, %s', async (machine) => {
    const disassembler = await loadDisassembler(machine);
    const code = fc.uint8Array({ minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(code, (bytes) => {
        const whole = disassembler.decode(bytes, address);
        const { length, mnemonic } = whole ?? {};
        expect(disassembler.outline!(bytes, address)).toEqual(whole && { length, mnemonic });
      }),
    );
  });
});

describe('decode', () => {
  it('knows what follows an instruction', async () => {
    const flows = {
      '90': 'next',
      e800000000: 'call',
      ff1500000000: 'indirect-call',
      ffd0: 'indirect-call',
      eb00: 'branch',
      ff2500000000: 'indirect-branch',
      '7500': 'conditional-branch',
      e300: 'conditional-branch',
      c3: 'return',
      '48cf': 'return',
      cc: 'interrupt',
      cd29: 'interrupt',
      '0f05': 'interrupt',
      '0f0b': 'exception',
      f4: 'next',
    };
    for (const [hex, flow] of Object.entries(flows))
      expect([hex, (await decode('x64', bytesOf(hex))).flow]).toEqual([hex, flow]);
  });

  it('gives the target of direct branches only', async () => {
    expect((await decode('x64', bytesOf('e8fbffffff'))).target).toBe(address);
    expect((await decode('x64', bytesOf('7510'))).target).toBe(address + 0x12n);
    expect((await decode('x64', bytesOf('ff1500100000'))).target).toBeUndefined();
    expect((await decode('arm64', wordOf('17ffffff'))).target).toBe(address - 4n);
    expect((await decode('arm64', wordOf('90001b68'))).target).toBeUndefined();
  });

  it('sign-extends addresses of x86', async () => {
    const disassembler = await loadDisassembler('x86');
    const kernel = 0xffff_ffff_8054_3100n;
    expect(disassembler.decode(bytesOf('e8fbffffff'), kernel)?.target).toBe(kernel);
    expect(disassembler.decode(bytesOf('e8fbffffff'), 0x40_1000n)?.target).toBe(0x40_1000n);
  });

  it('describes memory operands', async () => {
    expect((await decode('x64', bytesOf('4c8b4c8840'))).memory).toEqual([
      {
        segment: 'ds',
        base: 'rax',
        index: 'rcx',
        scale: 4,
        displacement: 0x40n,
        ipRelative: false,
        size: 8,
        access: 'read',
      },
    ]);
    expect((await decode('x64', bytesOf('837da000'))).memory).toEqual([
      {
        segment: 'ss',
        base: 'rbp',
        scale: 1,
        displacement: -0x60n,
        ipRelative: false,
        size: 4,
        access: 'read',
      },
    ]);
    expect((await decode('x64', bytesOf('ff15de0e0000'))).memory).toEqual([
      { segment: 'ds', scale: 1, displacement: 0xeden, ipRelative: true, size: 8, access: 'read' },
    ]);
    expect((await decode('x64', bytesOf('65c604255308000000'))).memory).toEqual([
      { segment: 'gs', scale: 1, displacement: 0x853n, ipRelative: false, size: 1, access: 'write' },
    ]);
    expect((await decode('x86', bytesOf('a5'))).memory).toEqual([
      { segment: 'es', base: 'edi', scale: 1, displacement: 0n, ipRelative: false, size: 4, access: 'write' },
      { segment: 'ds', base: 'esi', scale: 1, displacement: 0n, ipRelative: false, size: 4, access: 'read' },
    ]);
    expect((await decode('arm64', wordOf('b868d928'))).memory).toEqual([
      {
        segment: 'ds',
        base: 'x9',
        index: 'x8',
        indexExtend: 'sxtw',
        scale: 4,
        displacement: 0n,
        ipRelative: false,
        size: 4,
        access: 'read',
      },
    ]);
  });

  it('tells accesses apart', async () => {
    const accesses = {
      '488901': 'write',
      '488b01': 'read',
      '480101': 'read-write',
      '488d01': 'none',
      '0f1f00': 'none',
      '0f0d09': 'none',
    };
    for (const [hex, access] of Object.entries(accesses)) {
      expect([hex, (await decode('x64', bytesOf(hex))).memory[0]?.access]).toEqual([hex, access]);
    }
    const words = { f9000020: 'write', f9400020: 'read', f8200041: 'read-write', f9800000: 'none' };
    for (const [hex, access] of Object.entries(words)) {
      expect([hex, (await decode('arm64', wordOf(hex))).memory[0]?.access]).toEqual([hex, access]);
    }
  });

  it('gives sizes of arm64 accesses', async () => {
    const sizes = {
      '39400020': 1,
      '79400020': 2,
      b9400020: 4,
      f9400020: 8,
      '3dc00020': 16,
      a9410c20: 16,
      '29410c20': 8,
      '69410c20': 8,
      c800fc20: 8,
      '39c00020': 1,
    };
    for (const [hex, size] of Object.entries(sizes)) {
      expect([hex, (await decode('arm64', wordOf(hex))).memory[0]?.size]).toEqual([hex, size]);
    }
  });
});

describe('registers', () => {
  /** code, registers read, registers written */
  const intel: [string, string, string][] = [
    ['488bd9', 'rcx', 'rbx'],
    ['8bd8', 'rax', 'rbx'],
    ['b001', 'rax', 'rax'],
    ['33c0', '', 'efl rax'],
    ['0f44c1', 'efl rax rcx', 'rax'],
    ['4c8b4808', 'rax', 'r9'],
    ['65488b042588010000', '', 'rax'],
    ['480fafc2', 'rax rdx', 'efl rax'],
    ['f30f7f45ff', 'rbp xmm0', ''],
    ['8ed8', 'rax', 'ds'],
    ['7500', 'efl', ''],
    ['53', 'rbx rsp', 'rsp'],
  ];
  it.each(intel)('x64 %s reads [%s], writes [%s]', async (hex, reads, writes) => {
    const instruction = await decode('x64', bytesOf(hex));
    expect([...instruction.reads].sort().join(' ')).toBe(reads);
    expect([...instruction.writes].sort().join(' ')).toBe(writes);
  });

  const arm: [string, string, string][] = [
    ['aa0003f3', 'x0', 'x19'],
    ['a9bc7bfd', 'fp lr sp', 'sp'],
    ['a8c27bfd', 'sp', 'fp lr sp'],
    ['f8408420', 'x1', 'x0 x1'],
    ['f2a00408', 'x8', 'x8'],
    ['f100041f', 'x0', 'cpsr'],
    ['9a883128', 'cpsr x8 x9', 'x8'],
    ['97fffcc4', '', 'lr'],
    ['d63f0100', 'x8', 'lr'],
    ['d65f03c0', 'lr', ''],
    ['d503237f', 'lr sp', 'lr'],
    ['f8200041', 'x0 x2', 'x1'],
    ['c8a07c41', 'x0 x1 x2', 'x0'],
    ['c800fc21', 'x1', 'x0'],
    ['3dc00020', 'x1', 'v0'],
    ['f900003f', 'x1', ''],
    ['4e0c1c20', 'v0 x1', 'v0'],
    ['d5181000', 'x0', ''],
  ];
  it.each(arm)('arm64 %s reads [%s], writes [%s]', async (hex, reads, writes) => {
    const instruction = await decode('arm64', wordOf(hex));
    expect([...instruction.reads].sort().join(' ')).toBe(reads);
    expect([...instruction.writes].sort().join(' ')).toBe(writes);
  });
});

describe('text that no listing at hand shows', () => {
  const plain = (instruction: Instruction) => instructionLine(instruction, () => undefined).slice(27);

  /** The layout follows Microsoft's arm64 tools: see arm64-text.ts. */
  const words: [string, string][] = [
    ['b8685928', 'ldr         w8,[x9,w8 uxtw #2]'],
    ['8b28c928', 'add         x8,x9,w8,sxtw #2'],
    ['f2a00408', 'movk        x8,#0x20,lsl #0x10'],
    ['9274cd29', 'and         x9,x9,#-0x1000'],
    ['120d7108', 'and         w8,w8,#0xFFF8FFFF'],
    ['b27f7be8', 'mov         x8,#0xFFFFFFFE'],
    ['f85f8420', 'ldr         x0,[x1],#-8'],
    ['1e601010', 'fmov        d16,#2'],
    ['4c9f7ca0', 'st1         {v0.2d},[x5],#0x10'],
  ];
  it.each(words)('%s %s', async (hex, text) => {
    expect(plain(await decode('arm64', wordOf(hex)))).toBe(text);
  });
});

describe('hostile bytes', () => {
  const machines = fc.constantFrom<Machine>('x64', 'x86', 'arm64');
  const code = fc.uint8Array({ minLength: 0, maxLength: 20 });
  const addresses = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });

  it('are decoded within their length or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(machines, code, addresses, async (machine, bytes, va) => {
        const instruction = (await loadDisassembler(machine)).decode(bytes, va);
        if (instruction === undefined) return;
        expect(instruction.length).toBeGreaterThan(0);
        expect(instruction.length).toBeLessThanOrEqual(Math.min(15, bytes.length));
        expect(instruction.bytes).toEqual(bytes.slice(0, instruction.length));
        expect(instructionLine(instruction, () => undefined)).not.toMatch(/undefined|NaN|\s$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('give the same instruction when more bytes follow, and none when cut', async () => {
    await fc.assert(
      fc.asyncProperty(machines, code, async (machine, bytes) => {
        const disassembler = await loadDisassembler(machine);
        const instruction = disassembler.decode(bytes, address);
        if (instruction === undefined) return;
        expect(disassembler.decode(instruction.bytes, address)).toEqual(instruction);
        expect(disassembler.decode(instruction.bytes.subarray(0, -1), address)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
