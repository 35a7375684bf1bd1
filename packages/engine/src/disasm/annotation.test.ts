import { describe, expect, it } from 'vitest';
import { type Machine, RegisterSet } from '../cpu/index.ts';
import {
  type AnnotationOptions,
  currentInstructionLine,
  loadDisassembler,
  type ReadMemory,
} from './index.ts';

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));

const nothing: ReadMemory = () => undefined;
/** Memory that holds a number at one address. */
const holding =
  (at: bigint, value: bigint): ReadMemory =>
  (va, size) =>
    va === at
      ? Uint8Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn))
      : undefined;

interface Case {
  readonly machine?: Machine;
  readonly at: bigint;
  readonly code: string;
  readonly registers: Readonly<Record<string, bigint>>;
  readonly read?: ReadMemory;
  readonly options?: AnnotationOptions;
}

async function lineOf({
  machine = 'x64',
  at,
  code,
  registers,
  read = nothing,
  options,
}: Case): Promise<string> {
  const bytes = machine === 'arm64' ? bytesOf(code).reverse() : bytesOf(code);
  const instruction = (await loadDisassembler(machine)).decode(bytes, at)!;
  return currentInstructionLine(
    instruction,
    new RegisterSet(machine, Object.entries(registers)),
    read,
    options,
  );
}

const segments = { ds: 0x2bn, es: 0x2bn, ss: 0x18n, gs: 0x2bn };

describe('memory operands', () => {
  it('show selector, address and the missing value', async () => {
    const code = {
      at: 0xfffff800_9267244an,
      code: '4c8b4808',
      registers: { ...segments, rax: 0x4f4f4f4f_4f4f4f4fn },
    };
    expect(await lineOf(code)).toBe(
      'fffff800`9267244a 4c8b4808        mov     r9,qword ptr [rax+8] ds:002b:4f4f4f4f`4f4f4f57=????????????????',
    );
  });

  it('show no selector where there is none, or where it is not wanted', async () => {
    const code = {
      at: 0xfffff801_197f1d1en,
      code: '0f2949c0',
      registers: { ...segments, rcx: 0xffffe506_8d8a4040n },
    };
    const expected = `fffff801\`197f1d1e 0f2949c0        movaps  xmmword ptr [rcx-40h],xmm1 ds:ffffe506\`8d8a4000=${'?'.repeat(32)}`;
    expect(await lineOf({ ...code, options: { selectors: false } })).toBe(expected);
    expect(await lineOf({ ...code, registers: { rcx: 0xffffe506_8d8a4040n } })).toBe(expected);
  });

  it('show the value as a number of the width of the access', async () => {
    const registers = { ...segments, rsp: 0xffffb905_7d847398n };
    const read = holding(0xffffb905_7d8473a0n, 0x124n);
    expect(await lineOf({ at: 0xfffff805_055fd5c0n, code: '48894c2408', registers, read })).toBe(
      'fffff805`055fd5c0 48894c2408      mov     qword ptr [rsp+8],rcx ss:0018:ffffb905`7d8473a0=0000000000000124',
    );
  });

  it('end in one column when the line is short', async () => {
    const flat = { ds: 0x23n, ss: 0x23n, es: 0x23n };
    const lines = [
      await lineOf({ machine: 'x86', at: 0x42cac5n, code: '8807', registers: { ...flat, edi: 0x2800000n } }),
      await lineOf({ machine: 'x86', at: 0x674a6b1dn, code: '8b11', registers: { ds: 0x2bn, ecx: 6n } }),
      await lineOf({
        machine: 'x86',
        at: 0x5bf0b2c6n,
        code: 'ff7508',
        registers: { ...flat, ebp: 0x10ff7dcn },
      }),
    ];
    expect(lines).toEqual([
      '0042cac5 8807            mov     byte ptr [edi],al          ds:0023:02800000=??',
      '674a6b1d 8b11            mov     edx,dword ptr [ecx]  ds:002b:00000006=????????',
      '5bf0b2c6 ff7508          push    dword ptr [ebp+8]    ss:0023:010ff7e4=????????',
    ]);
  });

  it('show both sides of movs and nothing of a repeated one', async () => {
    const registers = { ds: 0x23n, es: 0x23n, esi: 0x12eddcn, edi: 0x121abd80n, ecx: 9n };
    const read = holding(0x12eddcn, 0xa0d07798n);
    expect(await lineOf({ machine: 'x86', at: 0x2161bd1n, code: 'a5', registers, read })).toBe(
      '02161bd1 a5              movs    dword ptr es:[edi],dword ptr [esi] es:0023:121abd80=???????? ds:0023:0012eddc=a0d07798',
    );
    expect(await lineOf({ machine: 'x86', at: 0x2161bd1n, code: 'f3a5', registers, read })).toBe(
      '02161bd1 f3a5            rep movs dword ptr es:[edi],dword ptr [esi]',
    );
  });

  it('show the offset behind gs:, and its value only where the base is known', async () => {
    const code = { at: 0xfffff800_02d4f5f8n, code: '65488b042588010000' };
    const start =
      'fffff800`02d4f5f8 65488b042588010000 mov   rax,qword ptr gs:[188h] gs:002b:00000000`00000188=';
    const read = holding(0xfffff800_1000_0188n, 0x1234n);
    expect(await lineOf({ ...code, registers: segments, read })).toBe(`${start}????????????????`);
    const withBase = { ...segments, gsbase: 0xfffff800_1000_0000n };
    expect(await lineOf({ ...code, registers: withBase, read })).toBe(`${start}0000000000001234`);
  });

  it('are left out when a register is not known or nothing is accessed', async () => {
    expect(await lineOf({ at: 0n, code: '49894708', registers: segments })).toMatch(/\[r15\+8\],rax$/);
    expect(await lineOf({ at: 0n, code: '488d542440', registers: { ...segments, rsp: 0x1000n } })).toMatch(
      /\[rsp\+40h\]$/,
    );
  });
});

describe('targets', () => {
  const symbolize = (va: bigint) =>
    new Map([
      [0x7773_1000n, 'ntdll!PebLdr'],
      [0x7773_1008n, 'ntdll!PebLdr+0x8'],
      [0x1000n, 'Driver+0x1000'],
    ]).get(va);
  const options = { symbolize };

  it('name what a register leads to', async () => {
    expect(await lineOf({ at: 0n, code: 'ffd0', registers: { rax: 0x1000n }, options })).toBe(
      '00000000`00000000 ffd0            call    rax {Driver+0x1000 (00000000`00001000)}',
    );
    expect(
      await lineOf({ machine: 'x86', at: 0x625011afn, code: 'ffe4', registers: { esp: 0xeef9c8n } }),
    ).toBe('625011af ffe4            jmp     esp {00eef9c8}');
    expect(
      await lineOf({ machine: 'arm64', at: 0n, code: 'd63f0220', registers: { x17: 0x1000n }, options }),
    ).toBe('00000000`00000000 d63f0220 blr         xip1 {Driver+0x1000 (00000000`00001000)}');
  });

  it('name what memory leads to, and a pointer that is exactly a symbol', async () => {
    const registers = { ds: 0x2bn, rdx: 0xfe8n };
    const move = { at: 0n, code: '488b5218', registers, options };
    const call = { at: 0n, code: 'ff5218', registers, options };
    const at = 0x1000n;
    expect(await lineOf({ ...call, read: holding(at, 0x1000n) })).toMatch(
      /=\{Driver\+0x1000 \(00000000`00001000\)\}$/,
    );
    expect(await lineOf({ ...move, read: holding(at, 0x7773_1000n) })).toMatch(
      /=\{ntdll!PebLdr \(00000000`77731000\)\}$/,
    );
    expect(await lineOf({ ...move, read: holding(at, 0x7773_1008n) })).toMatch(/=0000000077731008$/);
  });
});

describe('conditional branches', () => {
  it('say whether they are taken', async () => {
    expect(
      await lineOf({ machine: 'x86', at: 0x46bea78n, code: '0f8411000000', registers: { efl: 0x246n } }),
    ).toBe('046bea78 0f8411000000    je      046bea8f                                [br=1]');
    const options = { symbolize: () => 'Ntfs!LfsFindLogRecord+0xc0' };
    expect(
      await lineOf({ at: 0xfffff801_1e9c54afn, code: '7d47', registers: { efl: 0x40283n }, options }),
    ).toBe('fffff801`1e9c54af 7d47            jge     Ntfs!LfsFindLogRecord+0xc0 (fffff801`1e9c54f8) [br=0]');
  });

  it('say nothing without flags', async () => {
    expect(await lineOf({ at: 0n, code: '7d47', registers: {} })).toMatch(/00000049$/);
  });
});
