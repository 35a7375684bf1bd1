import { describe, expect, it } from 'vitest';
import { type CodePlace, codeLength, type Instruction, mark, raw } from './code.ts';
import * as x64 from './x64-code.ts';

const place: CodePlace = {
  base: 0xffff_f800_0000_0000n,
  rva: 0x1000,
  rvaOf: (symbol) => (symbol === 'f' ? 0x1200 : 0x3000),
};

const hex = (instruction: Instruction): string =>
  [...instruction.encode(place)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Bytes as a disassembler of another hand (LLVM) reads them. */
const table: [string, Instruction, string][] = [
  ['push rbx', x64.push('rbx'), '53'],
  ['push r14', x64.push('r14'), '41 56'],
  ['pop r12', x64.pop('r12'), '41 5c'],
  ['sub rsp,38h', x64.subRsp(0x38), '48 83 ec 38'],
  ['sub rsp,158h', x64.subRsp(0x158), '48 81 ec 58 01 00 00'],
  ['add rsp,80h', x64.addRsp(0x80), '48 81 c4 80 00 00 00'],
  ['mov qword ptr [rsp+40h],rcx', x64.store('rsp', 0x40, 'rcx'), '48 89 4c 24 40'],
  ['mov qword ptr [rsp+118h],r12', x64.store('rsp', 0x118, 'r12'), '4c 89 a4 24 18 01 00 00'],
  ['mov r9,qword ptr [rax+8]', x64.load('r9', 'rax', 8), '4c 8b 48 08'],
  ['mov rax,qword ptr [r9+30h]', x64.load('rax', 'r9', 0x30), '49 8b 41 30'],
  ['mov rax,qword ptr [rbx]', x64.load('rax', 'rbx', 0), '48 8b 03'],
  ['mov rax,qword ptr [rbp]', x64.load('rax', 'rbp', 0), '48 8b 45 00'],
  ['mov qword ptr [r12],rax', x64.store('r12', 0, 'rax'), '49 89 04 24'],
  ['lea rbp,[rsp+80h]', x64.lea('rbp', 'rsp', 0x80), '48 8d ac 24 80 00 00 00'],
  ['lea rbx,[rcx-10h]', x64.lea('rbx', 'rcx', -0x10), '48 8d 59 f0'],
  ['movaps xmmword ptr [rsp+30h],xmm6', x64.storeXmm('rsp', 0x30, 6), '0f 29 74 24 30'],
  ['movaps xmm10,xmmword ptr [rsp+30h]', x64.loadXmm(10, 'rsp', 0x30), '44 0f 28 54 24 30'],
  ['mov rdi,rdx', x64.move('rdi', 'rdx'), '48 89 d7'],
  ['mov rbp,r8', x64.move('rbp', 'r8'), '4c 89 c5'],
  ['mov ecx,7Eh', x64.moveImmediate('rcx', 0x7e), 'b9 7e 00 00 00'],
  ['mov r8d,1', x64.moveImmediate('r8', 1), '41 b8 01 00 00 00'],
  ['call f', x64.call('f'), 'e8 fb 01 00 00'],
  ['jmp f', x64.jump('f'), 'e9 fb 01 00 00'],
  ['call qword ptr [slot]', x64.callImport('nt!g'), 'ff 15 fa 1f 00 00'],
  ['lea rcx,[v]', x64.leaSymbol('rcx', 'v'), '48 8d 0d f9 1f 00 00'],
  ['lea r10,[v]', x64.leaSymbol('r10', 'v'), '4c 8d 15 f9 1f 00 00'],
  ['iretq', x64.iretq(), '48 cf'],
];

describe('instructions of x64', () => {
  it.each(table)('%s', (_text, instruction, bytes) => {
    expect(hex(instruction)).toBe(bytes);
    expect(instruction.length).toBe(bytes.split(' ').length);
  });

  it('name what they call and what they import', () => {
    expect([x64.call('f').calls, x64.callImport('nt!g').calls, x64.callImport('nt!g').imports]).toEqual([
      'f',
      'nt!g',
      'nt!g',
    ]);
  });
});

describe('code', () => {
  it('is as long as its instructions; labels take no bytes', () => {
    expect(codeLength([raw('90 90'), mark('here'), raw('c3')])).toBe(3);
  });
});
