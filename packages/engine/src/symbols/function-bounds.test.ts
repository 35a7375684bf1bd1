import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { isOneFunction } from './function-bounds.ts';

const code = (...bytes: number[]) => Uint8Array.from(bytes);
const prolog = [0x55, 0x8b, 0xec];

describe('isOneFunction', () => {
  it.each([
    ['a function from its start on', code(...prolog, 0x33, 0xc0), true],
    ['two returns of one function', code(...prolog, 0x33, 0xc0, 0x5d, 0xc3, 0x6a, 0x01, 0x5d, 0xc3), true],
    ['padding between functions', code(...prolog, 0x5d, 0xc3, 0xcc, 0xcc, 0x33, 0xc0), false],
    ['a prolog behind a return', code(0x33, 0xc0, 0xc3, ...prolog), false],
    ['a prolog behind a return that pops arguments', code(0x33, 0xc0, 0xc2, 0x08, 0x00, ...prolog), false],
    ['a patchable prolog behind nops', code(0x33, 0xc0, 0xc3, 0x90, 0x90, 0x8b, 0xff, ...prolog), false],
    ['a frame made in the middle of a function', code(0x85, 0xc0, 0x74, 0x03, ...prolog), true],
    ['nothing', code(), true],
  ])('%s: %s', (_name, bytes, expected) => {
    expect(isOneFunction(bytes)).toBe(expected);
  });

  it('proves nothing from bytes that are missing', () => {
    expect(isOneFunction(new Fault('not-in-dump', 0n))).toBe(false);
  });
});
