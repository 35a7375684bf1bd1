import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { showFault, showModule, showRegisters } from './show.ts';

interface Known {
  readonly saved?: { readonly kind: 'context' | 'trap'; readonly address: bigint };
  readonly exception?: { readonly address: bigint };
  readonly from?: 'exception record' | 'bug check parameters' | 'registers';
  readonly frames?: readonly { readonly ip: bigint; readonly trust: string }[];
}

const ip = 0xffff_f800_0000_1000n;

const sceneWith = ({ saved, exception, from, frames = [] }: Known): Scene =>
  ({
    system: { records: { registers: saved, exception }, shortText: (va: bigint) => va.toString(16) },
    fault: { ip, addressFrom: from },
    frames,
  }) as unknown as Scene;

describe('the command that shows the registers at the fault', () => {
  it('names the record that they were saved in', () => {
    expect(showRegisters(sceneWith({ saved: { kind: 'context', address: 0x10n } }))).toBe('.cxr 10');
    expect(showRegisters(sceneWith({ saved: { kind: 'trap', address: 0x20n } }))).toBe('.trap 20');
  });

  it('names the interrupted frame in hexadecimal where no record holds them', () => {
    const outer = Array.from({ length: 11 }, (_, index) => ({ ip: BigInt(index), trust: 'unwound' }));
    expect(showRegisters(sceneWith({ frames: [...outer, { ip, trust: 'unwound' }] }))).toBe('.frame /r b');
  });

  it('is that of the current ones where the fault is the first frame, or only looks like one', () => {
    expect(showRegisters(sceneWith({ frames: [{ ip, trust: 'unwound' }] }))).toBe('r');
    const guessed = [
      { ip: 1n, trust: 'unwound' },
      { ip, trust: 'scan' },
    ];
    expect(showRegisters(sceneWith({ frames: guessed }))).toBe('r');
  });
});

describe('the command that shows the fault', () => {
  const saved = { kind: 'context', address: 0x10n } as const;
  const code = `u ${ip.toString(16)} L1`;

  it('goes where its address is known from', () => {
    const exception = { address: 0x30n };
    expect(showFault(sceneWith({ saved, exception, from: 'exception record' }), ip)).toBe(`.exr 30; ${code}`);
    expect(showFault(sceneWith({ saved, from: 'bug check parameters' }), ip)).toBe(`.bugcheck; ${code}`);
    expect(showFault(sceneWith({ saved, from: 'registers' }), ip)).toBe('.cxr 10');
  });

  it('is the instruction alone where nothing tells the address', () => {
    expect(showFault(sceneWith({ saved }), ip)).toBe(code);
    expect(showFault(sceneWith({ from: 'exception record' }), ip)).toBe(code);
  });
});

it('shows a module by an address in it', () => {
  expect(showModule(sceneWith({}), ip)).toBe(`lm a ${ip.toString(16)}`);
});
