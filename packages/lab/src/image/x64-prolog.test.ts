import { describe, expect, it } from 'vitest';
import { allocated, frameAt, machineFrame, pushed, saved, savedXmm, unwindInfo } from './x64-prolog.ts';

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('unwind information of x64', () => {
  it('lists the steps backwards with the ends of their instructions', () => {
    // push rbx (1 byte), push r14 (2), sub rsp,28h (4)
    expect(hex(unwindInfo([pushed('rbx'), pushed('r14'), allocated(0x28)]))).toBe(
      '01 07 03 00 07 42 03 e0 01 30 00 00',
    );
  });

  it('says sizes in the shortest form', () => {
    expect(hex(unwindInfo([allocated(0x80)]))).toBe('01 07 01 00 07 f2 00 00');
    expect(hex(unwindInfo([allocated(0x88)]))).toBe('01 07 02 00 07 01 11 00');
    expect(hex(unwindInfo([allocated(0x7_fff8)]))).toBe('01 07 02 00 07 01 ff ff');
    expect(hex(unwindInfo([allocated(0x8_0000)]))).toBe('01 07 03 00 07 11 00 00 08 00 00 00');
  });

  it('says where registers were saved', () => {
    expect(hex(unwindInfo([allocated(0x28), saved('rsi', 0x38)]))).toBe(
      '01 09 03 00 09 64 07 00 04 42 00 00',
    );
    expect(hex(unwindInfo([allocated(0x28), savedXmm(6, 0x10)]))).toBe('01 09 03 00 09 68 01 00 04 42 00 00');
    expect(hex(unwindInfo([saved('rsi', 0x8_0000)]))).toBe('01 08 03 00 08 65 00 00 08 00 00 00');
    expect(hex(unwindInfo([savedXmm(7, 0x10_0000)]))).toBe('01 08 03 00 08 79 00 00 10 00 00 00');
  });

  it('describes a trap handler', () => {
    const handler = [machineFrame(true), pushed('rbp'), allocated(0x158), frameAt('rbp', 0x80)];
    expect(hex(unwindInfo(handler))).toBe('01 10 05 85 10 03 08 01 2b 00 01 50 00 1a 00 00');
    expect(hex(unwindInfo([machineFrame(false)]))).toBe('01 00 01 00 00 0a 00 00');
  });

  it('points a moved part at its parent', () => {
    const parent = { begin: 0x1050, end: 0x107e, unwindInfo: 0x5010 };
    expect(hex(unwindInfo([], parent))).toBe('21 00 00 00 50 10 00 00 7e 10 00 00 10 50 00 00');
  });
});
