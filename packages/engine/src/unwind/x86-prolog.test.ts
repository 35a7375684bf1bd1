import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followEpilog, followProlog } from './x86-prolog.ts';

const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text.split(' '), (digits) => Number.parseInt(digits, 16));
const prolog = (text: string, length = bytes(text).length) => {
  const effect = followProlog(bytes(text), length);
  return effect === undefined ? undefined : { depth: effect.depth, saved: Object.fromEntries(effect.saved) };
};
const registers = { esp: 0x1000, ebp: 0x2000 };
const epilog = (text: string, leaves = (_distance: number) => false) => {
  const effect = followEpilog(bytes(text), registers, leaves);
  return effect === undefined ? undefined : [effect.returnAt, Object.fromEntries(effect.restored)];
};

describe('prologs of x86', () => {
  it.each([
    ['nothing yet', '55 8b ec', 0, { depth: 0, saved: {} }],
    ['push ebp', '55 8b ec', 1, { depth: 4, saved: { ebp: 4 } }],
    ['mov edi,edi; push ebp; mov ebp,esp', '8b ff 55 8b ec', 5, { depth: 4, saved: { ebp: 4 } }],
    [
      'sub esp,20h; push esi; push edi',
      '83 ec 20 56 57',
      5,
      { depth: 0x28, saved: { esi: 0x24, edi: 0x28 } },
    ],
    ['sub esp,400h', '81 ec 00 04 00 00', 6, { depth: 0x400, saved: {} }],
    ['add esp,-10h', '83 c4 f0', 3, { depth: 0x10, saved: {} }],
    [
      'push -1; push handler; mov eax,fs:[0]; push eax',
      '6a ff 68 9d 22 40 00 64 a1 00 00 00 00 50',
      14,
      { depth: 12, saved: { eax: 12 } },
    ],
    ['push ebx; mov ebx,[esp+8]', '53 8b 5c 24 08', 5, { depth: 4, saved: { ebx: 4 } }],
    [
      'mov eax,[cookie]; xor eax,ebp; mov [ebp-10h],eax',
      'a1 04 50 40 00 33 c5 89 45 f0',
      10,
      { depth: 0, saved: {} },
    ],
    ['movzx eax,byte [ecx+4]; and dword [ebp-4],0', '0f b6 41 04 83 65 fc 00', 8, { depth: 0, saved: {} }],
  ])('U-48 are followed: %s', (_, code, length, effect) => {
    expect(prolog(code, length)).toEqual(effect);
  });

  it.each([
    ['a change of a register that was not saved', '8b f1'],
    ['mov ebp,esp without push ebp', '8b ec'],
    ['a call', 'e8 00 00 00 00'],
    ['and esp,-8', '83 e4 f8'],
    ['lea esp,[ebp-10h]', '8d 65 f0'],
    ['pop', '58'],
    ['bytes that end inside of an instruction', '83 ec'],
    ['bytes that are no whole number of instructions', '81 ec 00 04 00 00', 4],
    ['a prefix after a prefix', '64 64 50'],
  ] as const)('U-48 are given up at %s', (_, code, length?: number) => {
    expect(prolog(code, length)).toBeUndefined();
  });
});

describe('epilogs of x86', () => {
  it.each([
    ['ret', 'c3', [0x1000, {}]],
    ['ret 8', 'c2 08 00', [0x1000, {}]],
    ['pop edi; pop esi; pop ebp; ret', '5f 5e 5d c3', [0x100c, { edi: 0x1000, esi: 0x1004, ebp: 0x1008 }]],
    ['pop esi; or eax,-1; pop ebx; ret', '5e 83 c8 ff 5b c3', [0x1008, { esi: 0x1000, ebx: 0x1004 }]],
    ['add esp,20h; ret', '83 c4 20 c3', [0x1020, {}]],
    ['leave; ret', 'c9 c3', [0x2004, { ebp: 0x2000 }]],
    ['mov esp,ebp; pop ebp; ret', '8b e5 5d c3', [0x2004, { ebp: 0x2000 }]],
  ])('U-48 are run to the return: %s', (_, code, effect) => {
    expect(epilog(code)).toEqual(effect);
  });

  it('U-48 may end by a jump that leaves the function', () => {
    expect(epilog('5d e9 f0 00 00 00', (distance) => distance === 0xf6)).toEqual([0x1004, { ebp: 0x1000 }]);
    expect(epilog('5d eb fc')).toBeUndefined();
    expect(epilog('5d eb fc', (distance) => distance === -1)).toEqual([0x1004, { ebp: 0x1000 }]);
  });

  it.each([
    ['a push', '50 c3'],
    ['a call', 'e8 00 00 00 00 c3'],
    ['a change of a register that a call keeps', '8b f0 c3'],
    ['leave behind pop ebp', '5d c9 c3'],
    ['sub esp,8', '83 ec 08 c3'],
    ['the end of the bytes', '5f 5e'],
  ])('U-48 are given up at %s', (_, code) => {
    expect(epilog(code)).toBeUndefined();
  });

  it('U-48 need ebp where the frame ends by it', () => {
    expect(followEpilog(bytes('c9 c3'), { esp: 0x1000, ebp: undefined }, () => false)).toBeUndefined();
  });
});

it('U-48 any bytes end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(90), (code, length) => {
      expect(followProlog(code, length)?.depth ?? 0).toBeGreaterThanOrEqual(0);
      expect(followEpilog(code, registers, () => true)?.returnAt ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
