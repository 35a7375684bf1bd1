import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { type Machine, RegisterSet } from '../cpu/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { Target } from '../windows/index.ts';
import { argumentsAt, framePointerOf, readArguments } from './index.ts';

/** A target whose words are there from 0x1000 to 0x1020 and hold their own address. */
const targetOf = (machine: Machine): Target =>
  ({
    machine,
    pointerSize: machine === 'x86' ? 4 : 8,
    memory: {
      tryReadU64: (va: bigint) => (va >= 0x1000n && va < 0x1020n ? va : new Fault('not-in-dump', va)),
      tryReadU32: (va: bigint) => (va >= 0x1000n && va < 0x1020n ? Number(va) : new Fault('not-in-dump', va)),
    },
  }) as unknown as Target;

const frame = (more: Partial<Frame>): Frame => ({
  ip: 1n,
  sp: 2n,
  trust: 'unwind',
  registers: new RegisterSet('x86', [['ebp', 0x9000_0000n]]),
  ...more,
});

describe('the words where arguments may be', () => {
  it('U-45 are the home slots that the caller leaves on x64', () => {
    expect(readArguments(targetOf('x64'), frame({ callerSp: 0x1000n }))).toEqual([
      0x1000n,
      0x1008n,
      0x1010n,
      0x1018n,
    ]);
  });

  it('U-45 are the three words above the return address on x86', () => {
    expect(readArguments(targetOf('x86'), frame({ callerSp: 0x1000n }))).toEqual([0x1000n, 0x1004n, 0x1008n]);
  });

  it('U-45 are what follows the frame record of an x86 trap frame', () => {
    const trap = frame({ callerSp: 0x5000n, trapFrame: 0x1000n });
    expect(argumentsAt(targetOf('x86'), trap)).toBe(0x1008n);
    expect(argumentsAt(targetOf('x64'), trap)).toBe(0x5000n);
  });

  it('U-45 are unknown one by one where the stack is not in the dump, and all without a caller', () => {
    expect(readArguments(targetOf('x64'), frame({ callerSp: 0x1010n }))).toEqual([
      0x1010n,
      0x1018n,
      undefined,
      undefined,
    ]);
    expect(readArguments(targetOf('x64'), frame({}))).toEqual([undefined, undefined, undefined, undefined]);
    expect(readArguments(targetOf('x86'), frame({}))).toEqual([undefined, undefined, undefined]);
  });

  it('U-45 are none on arm64', () => {
    expect(readArguments(targetOf('arm64'), frame({ callerSp: 0x1000n }))).toEqual([]);
  });
});

describe('the frame pointer that is shown for x86', () => {
  it('U-45 lies below the return address, or is the trap frame', () => {
    expect(framePointerOf(frame({ callerSp: 0x1010n }))).toBe(0x1008n);
    expect(framePointerOf(frame({ callerSp: 0x1010n, trapFrame: 0x2000n }))).toBe(0x2000n);
  });

  it('U-45 is ebp where the caller is not known, sign-extended, and unknown without it', () => {
    expect(framePointerOf(frame({}))).toBe(0xffff_ffff_9000_0000n);
    expect(framePointerOf(frame({ registers: new RegisterSet('x86', []) }))).toBeUndefined();
  });
});
