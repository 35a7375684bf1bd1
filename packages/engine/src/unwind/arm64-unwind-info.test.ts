import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { KTRAP_FRAME_ARM64 } from '../layouts/index.ts';
import { ImageProblem } from '../pe/index.ts';
import { type Arm64Op, type Arm64UnwindInfo, decodeArm64Codes } from './arm64-codes.ts';
import { expandPacked } from './arm64-packed.ts';
import { Arm64State, stripSignature } from './arm64-state.ts';
import { decodeArm64Record } from './arm64-unwind-info.ts';

const nameOf = (bank: string, register: number): string =>
  bank === 'x' && register >= 29 ? ['fp', 'lr'][register - 29]! : `${bank}${register}`;

/** A code as the instruction that it stands for. */
function instruction(op: Arm64Op): string {
  if (op.kind === 'alloc') return `sub sp, ${op.bytes}`;
  if (op.kind === 'set-fp') return op.bytes === 0 ? 'mov fp, sp' : `add fp, sp, ${op.bytes}`;
  if (op.kind !== 'save') return op.kind;
  const names = op.registers.map((register) => nameOf(op.bank, register)).join(', ');
  const to = op.release > 0 ? `[sp, -${op.release}]!` : `[sp, ${op.offset}]`;
  return `${op.registers.length === 2 ? 'stp' : 'str'} ${names}, ${to}`;
}

interface Fields {
  readonly flag?: number;
  readonly length?: number;
  readonly regF?: number;
  readonly regI?: number;
  readonly h?: number;
  readonly cr?: number;
  /** Bytes. */
  readonly frame: number;
}

const packed = ({ flag = 1, length = 40, regF = 0, regI = 0, h = 0, cr = 0, frame }: Fields): number =>
  (flag | (length << 2) | (regF << 13) | (regI << 16) | (h << 20) | (cr << 21) | ((frame / 16) << 23)) >>> 0;

/** Prolog in the order of running, without its end. */
const prologOf = (fields: Fields): string[] =>
  (expandPacked(packed(fields)) as Arm64UnwindInfo).prolog.slice(0, -1).reverse().map(instruction);

describe('packed unwind data', () => {
  it.each<[Fields, string[]]>([
    [{ frame: 32 }, ['sub sp, 32']],
    [{ frame: 32, regI: 2 }, ['stp x19, x20, [sp, -16]!', 'sub sp, 16']],
    [{ frame: 16, regI: 1 }, ['str x19, [sp, -16]!']],
    [{ frame: 16, cr: 1 }, ['str lr, [sp, -16]!']],
    [{ frame: 16, cr: 1, regI: 1 }, ['sub sp, 16', 'stp x19, lr, [sp, 0]']],
    [{ frame: 48, cr: 1, regI: 2 }, ['stp x19, x20, [sp, -32]!', 'str lr, [sp, 16]', 'sub sp, 16']],
    [{ frame: 32, cr: 1, regI: 3 }, ['stp x19, x20, [sp, -32]!', 'stp x21, lr, [sp, 16]']],
    [{ frame: 32, regI: 1, regF: 2 }, ['str x19, [sp, -32]!', 'stp d8, d9, [sp, 8]', 'str d10, [sp, 24]']],
    [{ frame: 16, regF: 1 }, ['stp d8, d9, [sp, -16]!']],
    [{ frame: 96, cr: 3 }, ['stp fp, lr, [sp, -96]!', 'mov fp, sp']],
    [{ frame: 528, cr: 3 }, ['sub sp, 528', 'stp fp, lr, [sp, 0]', 'mov fp, sp']],
    [{ frame: 4112, cr: 3 }, ['sub sp, 4080', 'sub sp, 32', 'stp fp, lr, [sp, 0]', 'mov fp, sp']],
    [
      { frame: 48, cr: 2, regI: 2 },
      ['pac', 'stp x19, x20, [sp, -16]!', 'stp fp, lr, [sp, -32]!', 'mov fp, sp'],
    ],
    [{ frame: 96, regI: 2, h: 1 }, ['stp x19, x20, [sp, -80]!', 'nop', 'nop', 'nop', 'nop', 'sub sp, 16']],
    [{ frame: 96, cr: 3, h: 1 }, ['stp fp, lr, [sp, -96]!', 'mov fp, sp']],
  ])('U-21 %o stands for its canonical prolog', (fields, expected) => {
    expect(prologOf(fields)).toEqual(expected);
  });

  it('U-21 the epilog mirrors the prolog, but for the frame pointer and the stored arguments', () => {
    const { epilogs, length } = expandPacked(packed({ frame: 112, cr: 3, regI: 2, h: 1 })) as Arm64UnwindInfo;
    expect(epilogs.map(({ start, ops }) => [start, ops.map(instruction)])).toEqual([
      [length - 3, ['stp fp, lr, [sp, -32]!', 'stp x19, x20, [sp, -80]!', 'end']],
    ]);
  });

  it('U-22 a part without prolog has run the prolog of its function', () => {
    const { prolog, epilogs } = expandPacked(packed({ flag: 2, frame: 16, regI: 2 })) as Arm64UnwindInfo;
    expect([prolog.map(instruction), epilogs]).toEqual([
      ['end-chained', 'stp x19, x20, [sp, -16]!', 'end'],
      [],
    ]);
  });

  it('U-23 fields that contradict each other are refused', () => {
    expect(expandPacked(packed({ frame: 16, regI: 4 }))).toBeInstanceOf(ImageProblem);
    expect(expandPacked(packed({ frame: 256, regI: 11 }))).toBeInstanceOf(ImageProblem);
  });
});

describe('unwind codes', () => {
  it.each([
    ['02', 'sub sp, 32'],
    ['24', 'stp x19, x20, [sp, -32]!'],
    ['42', 'stp fp, lr, [sp, 16]'],
    ['81', 'stp fp, lr, [sp, -16]!'],
    ['c1 02', 'sub sp, 4128'],
    ['c8 82', 'stp x21, x22, [sp, 16]'],
    ['cc 45', 'stp x20, x21, [sp, -48]!'],
    ['d0 c2', 'str x22, [sp, 16]'],
    ['d4 63', 'str x22, [sp, -32]!'],
    ['d6 43', 'stp x21, lr, [sp, 24]'],
    ['d8 42', 'stp d9, d10, [sp, 16]'],
    ['da 83', 'stp d10, d11, [sp, -32]!'],
    ['dc c1', 'str d11, [sp, 8]'],
    ['de 21', 'str d9, [sp, -16]!'],
    ['e0 01 00 00', 'sub sp, 1048576'],
    ['e1', 'mov fp, sp'],
    ['e2 04', 'add fp, sp, 32'],
    ['e7 13 02', 'str x19, [sp, 16]'],
    ['e7 53 02', 'stp x19, x20, [sp, 32]'],
    ['e7 33 01', 'str x19, [sp, -32]!'],
    ['e7 4a 81', 'stp q10, q11, [sp, 16]'],
    ['f9 01 02', 'nop'],
    ['fc', 'pac'],
  ])('U-24 %s is %s', (hex, expected) => {
    const codes = Uint8Array.from([...hex.split(' ').map((byte) => Number.parseInt(byte, 16)), 0xe4]);
    expect(decodeArm64Codes(codes, 0)?.map(instruction)).toEqual([expected, 'end']);
  });

  it.each(['df 01 e4', 'e5', 'ed e4', 'e7 13', 'cb c0 e4', 'e7 93 00 e4', 'e7 13 c0 e4'])(
    'U-24 %s is refused',
    (hex) => {
      expect(
        decodeArm64Codes(
          Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16)),
          0,
        ),
      ).toBeUndefined();
    },
  );

  it('U-24 arbitrary records are decoded or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const info = decodeArm64Record(bytes);
        expect(info === undefined || info.prolog.at(-1)?.kind === 'end').toBe(true);
      }),
    );
  });
});

describe('an .xdata record', () => {
  const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);

  it('U-25 lists epilogs, or has one at the end in its header, or both counts in a second word', () => {
    const codes = [0xe1, 0x81, 0xe4, 0xe3];
    const listed = decodeArm64Record(
      Uint8Array.from([...word(0x20 | (1 << 22) | (1 << 27)), ...word(8 | (1 << 22)), ...codes]),
    );
    expect(listed?.epilogs.map(({ start, ops }) => [start, ops.length])).toEqual([[8, 2]]);
    const single = decodeArm64Record(
      Uint8Array.from([...word(0x20 | (1 << 21) | (1 << 22) | (1 << 27)), ...codes]),
    );
    expect(single?.epilogs.map(({ start, ops }) => [start, ops.length])).toEqual([[0x20 - 2, 2]]);
    const extended = decodeArm64Record(
      Uint8Array.from([...word(0x20), ...word(1 | (1 << 16)), ...word(8), ...codes]),
    );
    expect(extended?.epilogs.map(({ start, ops }) => [start, ops.length])).toEqual([[8, 3]]);
    expect(
      decodeArm64Record(Uint8Array.from([...word(0x20 | (1 << 18) | (1 << 27)), ...codes])),
    ).toBeUndefined();
  });
});

describe('registers', () => {
  const at = 0xffffb000_00005000n;
  const memory = {
    kind: 'blocks' as const,
    tryRead(va: bigint, length: number) {
      const bytes = new DataView(new ArrayBuffer(length));
      for (let offset = 0; offset + 8 <= length; offset += 8)
        bytes.setBigUint64(offset, BigInt.asUintN(64, va - at + BigInt(offset)), true);
      return new Uint8Array(bytes.buffer);
    },
    tryReadU64: (va: bigint) => (va < at ? new Fault('not-in-dump', va) : va - at),
    tryReadU32: (va: bigint) => new Fault('not-in-dump', va),
    nextCandidate: () => undefined,
  };
  const state = (): Arm64State =>
    new Arm64State(
      memory,
      new RegisterSet('arm64', [
        ['sp', at],
        ['pc', 1n],
        ['x0', 5n],
        ['x28', 28n],
      ]),
    );

  it('U-26 save-next adds the two registers behind, stored behind', () => {
    const restored = state();
    expect(restored.undo({ kind: 'save-next' })).toBe(true);
    expect(restored.undo({ kind: 'save', bank: 'x', registers: [19, 20], offset: 0, release: 48 })).toBe(
      true,
    );
    expect(restored.undo({ kind: 'save', bank: 'x', registers: [29, 30], offset: 0, release: 16 })).toBe(
      true,
    );
    expect(Object.fromEntries(restored.finish()!.entries())).toEqual({
      x19: 0n,
      x20: 8n,
      x21: 16n,
      x22: 24n,
      x28: 28n,
      fp: 48n,
      sp: at + 64n,
      pc: 56n,
    });
    const wrong = state();
    wrong.undo({ kind: 'save-next' });
    expect(wrong.undo({ kind: 'alloc', bytes: 16 })).toBe(false);
  });

  it('C-7 and U-27 a trap frame gives x0 to x18, fp, lr, sp, pc and flags', () => {
    const restored = state();
    expect(restored.undo({ kind: 'trap-frame' })).toBe(true);
    const { X, Pc, Sp, Lr, Fp } = KTRAP_FRAME_ARM64.fields;
    expect(restored).toMatchObject({ trap: true, trapFrame: at });
    const registers = restored.finish()!;
    expect([
      registers.get('x18'),
      registers.ip,
      registers.sp,
      registers.get('lr'),
      registers.fp,
      registers.get('x28'),
    ]).toEqual([X.offset + 18 * 8, Pc.offset, Sp.offset, Lr.offset, Fp.offset, 28].map(BigInt));
  });

  it('U-27 a machine frame gives sp and pc', () => {
    const restored = state();
    restored.undo({ kind: 'machine-frame' });
    expect(Object.fromEntries(restored.finish()!.entries())).toEqual({ sp: 0n, pc: 8n, x28: 28n });
  });

  it('U-28 signatures are taken off by bit 55', () => {
    expect(stripSignature(0xa5f5_f801_2345_6789n)).toBe(0xffff_f801_2345_6789n);
    expect(stripSignature(0x5a05_7ff6_2345_6789n)).toBe(0x0000_7ff6_2345_6789n);
    expect(stripSignature(0xffff_f801_2345_6789n)).toBe(0xffff_f801_2345_6789n);
  });
});
