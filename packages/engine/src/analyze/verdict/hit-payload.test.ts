import { describe, expect, it } from 'vitest';
import { explaining, type Hit } from './hit-payload.ts';
import type { Payload } from './payload.ts';

const at = 0x100;
const values = Uint8Array.from([0xa4, 0x09, 0xc4, 0x74, 0x8c, 0x71, 0x98, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0]);

/** A header of which all is known, and whose bytes from `first` up to `end` changed. */
const hit = (first: number, end: number, known = 16): Hit => ({
  at,
  length: 16,
  own: at,
  isFramed: true,
  known: { values, masks: new Uint8Array(16).fill(0xff, 0, known) },
  change: { first, end, bits: 1 },
  before: undefined,
  body: 0,
  victim: { at: 0n, size: undefined, block: undefined },
});

const through: Payload = { start: at - 0x20, end: at + 0x10, pattern: 'mixed', text: undefined };

describe('what runs over a header', () => {
  it('is what changed it from its first bytes on', () => {
    expect(explaining(hit(0, 16), through)).toBe(through);
    expect(explaining(hit(2, 16), through)).toBe(through);
  });

  it('is not what changed it where it would have changed more in front of that', () => {
    expect(explaining(hit(5, 6), through)).toBeUndefined();
  });

  it('may be where nobody knows what stood in front, or zeros did, or it begins behind', () => {
    expect(explaining(hit(5, 6, 2), through)).toBe(through);
    const zeros = {
      ...hit(5, 6),
      known: { values: new Uint8Array(16), masks: new Uint8Array(16).fill(0xff) },
    };
    expect(explaining(zeros, through)).toBe(through);
    const later = { ...through, start: at + 4 };
    expect(explaining(hit(5, 6), later)).toBe(later);
  });
});
