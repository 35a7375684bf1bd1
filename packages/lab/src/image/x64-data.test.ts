import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CodePlace, Instruction } from './code.ts';
import { type Condition, holds, subtractFlags } from './x64-alu.ts';
import * as x64 from './x64-code.ts';
import * as data from './x64-data.ts';
import { at, atIndex } from './x64-operands.ts';
import type { OperandSize, X64Cpu } from './x64-registers.ts';

const place: CodePlace = {
  base: 0xffff_f800_0000_0000n,
  rva: 0x1000,
  rvaOf: (symbol) => (symbol === '.near' ? 0x1010 : 0x0ff0),
};

const hex = (instruction: Instruction): string =>
  [...instruction.encode(place)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Bytes by an assembler of another hand (LLVM). */
const table: [string, Instruction, string][] = [
  ['mov dword ptr [rbx+18h],eax', x64.moveTo(at('rbx', 0x18), 'rax', 4), '89 43 18'],
  ['mov byte ptr [rdi],sil', x64.moveTo(at('rdi'), 'rsi', 1), '40 88 37'],
  ['mov al,byte ptr [rdx]', x64.moveFrom('rax', at('rdx'), 1), '8a 02'],
  ['movzx eax,byte ptr [rdx]', data.moveZeroExtended('rax', at('rdx'), 1), '0f b6 02'],
  ['movzx r8d,cl', data.moveZeroExtended('r8', 'rcx', 1), '44 0f b6 c1'],
  ['movsxd rdx,dword ptr [rcx]', data.moveSignExtended('rdx', at('rcx')), '48 63 11'],
  ['mov qword ptr [rbp-8],-1', data.moveConstant(at('rbp', -8), -1), '48 c7 45 f8 ff ff ff ff'],
  ['mov byte ptr [rbp-55h],1', data.moveConstant(at('rbp', -0x55), 1, 1), 'c6 45 ab 01'],
  [
    'mov word ptr [r9+100h],1234h',
    data.moveConstant(at('r9', 0x100), 0x1234, 2),
    '66 41 c7 81 00 01 00 00 34 12',
  ],
  ['mov rbx,imm64', data.moveWide('rbx', -6_047_318_016_000n), '48 bb 00 00 c2 ff 7f fa ff ff'],
  ['add rdx,8', data.add('rdx', 8), '48 83 c2 08'],
  ['add r8,-8', data.add('r8', -8), '49 83 c0 f8'],
  ['sub rax,48h', data.subtract('rax', 0x48), '48 83 e8 48'],
  ['cmp qword ptr [rbx],rbx', data.compare(at('rbx'), 'rbx'), '48 39 1b'],
  ['cmp r9,r8', data.compare('r9', 'r8'), '4d 39 c1'],
  ['cmp r8,qword ptr [rcx]', data.compare('r8', at('rcx')), '4c 3b 01'],
  ['cmp ebx,222004h', data.compare('rbx', 0x22_2004, 4), '81 fb 04 20 22 00'],
  ['xor r15d,r15d', data.xor('r15', 'r15', 4), '45 31 ff'],
  ['and r9d,9', data.and('r9', 9, 4), '41 83 e1 09'],
  ['or eax,dword ptr [rcx+4]', data.or('rax', at('rcx', 4), 4), '0b 41 04'],
  ['test rax,rax', data.test('rax', 'rax'), '48 85 c0'],
  ['test al,al', data.test('rax', 'rax', 1), '84 c0'],
  ['test byte ptr [rsp+8],40h', data.test(at('rsp', 8), 0x40, 1), 'f6 44 24 08 40'],
  ['inc rdi', data.increment('rdi'), '48 ff c7'],
  ['dec byte ptr [rdx+43h]', data.decrement(at('rdx', 0x43), 1), 'fe 4a 43'],
  ['shl edx,3', data.shiftLeft('rdx', 3, 4), 'c1 e2 03'],
  ['shr r14,4', data.shiftRight('r14', 4), '49 c1 ee 04'],
  ['xchg rdx,qword ptr [r13]', data.exchange('rdx', at('r13')), '49 87 55 00'],
  ['bts dword ptr [rbx],eax', data.setBit(at('rbx'), 'rax'), '0f ab 03'],
  ['rep movs byte', data.repeatMoveBytes(), 'f3 a4'],
  ['rep stos byte', data.repeatStoreBytes(), 'f3 aa'],
  ['mov rax,cr8', data.readIrql('rax'), '44 0f 20 c0'],
  ['mov cr8,rcx', data.writeIrql('rcx'), '44 0f 22 c1'],
  ['mov rdx,cr2', data.readCr2('rdx'), '0f 20 d2'],
  ['call qword ptr [r9+r8*8+70h]', x64.callTo(atIndex('r9', 'r8', 8, 0x70)), '43 ff 54 c1 70'],
  ['call rdi', x64.callTo('rdi'), 'ff d7'],
  ['call r10', x64.callTo('r10'), '41 ff d2'],
  ['mov qword ptr [rax+r12*4+10h],rcx', x64.moveTo(atIndex('rax', 'r12', 4, 0x10), 'rcx'), '4a 89 4c a0 10'],
  ['lea rsp,[rbp+0D8h]', x64.lea('rsp', 'rbp', 0xd8), '48 8d a5 d8 00 00 00'],
  ['int 29h', x64.fastFail(), 'cd 29'],
  ['jne back', data.shortJumpIf('ne', '.back'), '75 ee'],
  ['jmp near', data.shortJumpTo('.near'), 'eb 0e'],
  ['jae near', data.jumpIf('ae', '.near'), '0f 83 0a 00 00 00'],
];

describe('instructions of x64 on memory and numbers', () => {
  it.each(table)('%s', (_text, instruction, bytes) => {
    expect(hex(instruction)).toBe(bytes);
    expect(instruction.length).toBe(bytes.split(' ').length);
  });
});

describe('a comparison', () => {
  it('decides every condition as arithmetic does', () => {
    const sizes = fc.constantFrom<OperandSize>(1, 2, 4, 8);
    const near = fc.oneof(fc.bigInt(0n, 0xffff_ffff_ffff_ffffn), fc.bigInt(0n, 3n), fc.bigInt(0x7en, 0x81n));
    fc.assert(
      fc.property(sizes, near, near, (size, first, second) => {
        const bits = 8 * size;
        const [left, right] = [BigInt.asUintN(bits, first), BigInt.asUintN(bits, second)];
        const [a, b] = [BigInt.asIntN(bits, left), BigInt.asIntN(bits, right)];
        const cpu = { flags: 0 } as X64Cpu;
        subtractFlags({ cpu, size, left, right });
        const expected: Partial<Record<Condition, boolean>> = {
          e: left === right,
          ne: left !== right,
          b: left < right,
          ae: left >= right,
          be: left <= right,
          a: left > right,
          l: a < b,
          ge: a >= b,
          le: a <= b,
          g: a > b,
          s: BigInt.asIntN(bits, left - right) < 0n,
          o: BigInt.asIntN(bits, a - b) !== a - b,
        };
        for (const [condition, value] of Object.entries(expected))
          expect([condition, holds(cpu.flags, condition as Condition)]).toEqual([condition, value]);
      }),
    );
  });
});
