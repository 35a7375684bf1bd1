import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DebuggerError, utf8Text } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { crc64 } from './crc64.ts';
import { unpackSmall } from './unpack-small.ts';
import { unpackXz } from './xz.ts';

const limit = 1 << 20;

/** Written by XZ Utils 5 (liblzma). */
const written = {
  /** 60 lines of `lines`, check CRC-64. */
  text: bytesOf(
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AVBAXZdABgICkfPQO8gA8H0cJ1BJEasuKWu+RWzF48kzh7y2X2SfS/kT0WjqU2q' +
      '2KBPcvKZb10ljPkG8am/7I711k4eCZrB+QkrUkheEoESWk74BXbc+JE6QIVybttnl9cjqAmcOaWWXVa1TJz3ZTVJw2PbVaR9' +
      'N/qIeOgKKgUku1zraW+seqHg46/4bxRdMadOK8uuQQw6hC7iD/W0hOoWkHB8a+PHo2Mp5UYS+si1gdx/1rkOnfdtvq4j85pV' +
      'Zs+NCW/uuErPzFbDSzYQoNnL0vEZCPtogOYUo4xsyHNYQ1GsUYB0W6psFxI/PkEhJCQFwUpFfj9x5sHnrdeL4uK0EGXfelKr' +
      'KQJM2Iz5aA4Ax6ZKB1G7fXJBzHaToUvHWYvkUM00A911fd1Sqino1CieoS1/+iHh1QStEXpyyP/aL2tvRBss48BfmdCb29LR' +
      '0GNoQfZEAZv29n3N+9x4ccwrtn4VvRCyrfSLqpGvhSMmSSn8q2nAA/ekGlAAAAAAydA7QWLyWH4AAZIDwgoAAB66iAWxxGf7' +
      'AgAAAAAEWVo=',
  ),
  /** 80 bytes that do not pack, check CRC-32. */
  stored: bytesOf(
    '/Td6WFoAAAFpIt42AgAhARYAAAB0L+WjAQBPAC9Z/ZuLtKh//3nuGDjWen7OhEAapfcz+NCjL50Vl2D97cM/kEA20n26/Ege' +
      '9ilFcAgaHR/nRenzGzntnyjilvuzXHCeNoAEeGB+ghxFo/cA8bMMLAABZFB8SnxKkEKZDQEAAAAAAVla',
  ),
  /** The lines with lc 0, lp 2, pb 0 and a dictionary of 4 KB. */
  properties: bytesOf(
    '/Td6WFoAAATm1rRGAgAhAQAAAAA3J5fW4AVBAYISABgISxX9wbDfTYU+N2uAW7x57kXSKKyYCjbwo4qgspLAEdcq2ygC6Il5' +
      '6+uATnpotL3TV5cCmqYVDRdR7QRwk2oWXyqv35OybyXwRPGvK6QNw5Fk/+ckHeSbAkxL/RjRxrA4a0hECOxeAVg7tJyPprm+' +
      'gldgalW71AV2gqmFIdrC0W+YQThclqH1sZ5Iv/LY2NT4bq+Sb0oGFEdrw1+/nj1dDIsQhNUuPAMheZPrHkeWEEYjRo/xiwXm' +
      'w6IES0mXxR93TnJdlBU3lQctWEf5cAL3J0EIv5fOgpMQ1hpwWuAFkcWnRik2sLsStCVxg4HCLFDvZMBkc9Gt2ubUUtwsoyDL' +
      'HCCiqNbiaNUitdSiFwVaKFdo6Sb4hZrEfTJcRG9Sc4IEY0amxf4mW3eYYqdROgxObOlOGci4B0TWZI7tRlQ9DbD4Emp6Rr0o' +
      '+J+DAA/Yz6Nv8qO911ZPFayeUKFFBIz3M3Ki8saSI8esZinfRUBprzXgQjnAXDG8mrzO0WWlSgAAAAAAydA7QWLyWH4AAZ4D' +
      'wgoAAGV6SnKxxGf7AgAAAAAEWVo=',
  ),
  /** A delta filter before LZMA2. */
  delta: bytesOf(
    '/Td6WFoAAATm1rRGAgEDAQAhARZ5IMTu4AAnACVdABg8BcBlqT7YxnOminsma7TYkk6lVmxOwp7DyMm5ttbtczdDKOAAAAAA' +
      'SmHrCZwgQH8AAUEolWNR/B+2830BAAAAAARZWg==',
  ),
};

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

const lines = Array.from(
  { length: 60 },
  (_, index) => `${index} nt!Function${(index * 7919) % 1000}+0x${index.toString(16)}\n`,
).join('');

const errorOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof DebuggerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
};

describe('unpackXz', () => {
  it.each(['text', 'properties'] as const)('unpacks what XZ Utils wrote: %s', (name) => {
    expect(utf8Text(unpackXz(written[name], limit))).toBe(lines);
  });

  it('unpacks chunks that are stored as they are', () => {
    const bytes = unpackXz(written.stored, limit);
    expect(bytes.length).toBe(80);
    expect(crc64(bytes)).toEqual(crc64(written.stored.subarray(24 + 3, 24 + 3 + 80)));
  });

  it('unpacks streams that follow each other, with zeros between', () => {
    const both = Uint8Array.of(...written.text, 0, 0, 0, 0, ...written.properties);
    expect(utf8Text(unpackXz(both, limit))).toBe(lines + lines);
  });

  it('stops where it has enough', () => {
    const both = Uint8Array.of(...written.text, ...written.text.subarray(0, 20));
    expect(utf8Text(unpackXz(both, limit, 100))).toBe(lines);
  });

  it('refuses more than it may take, other filters, and what is cut off', () => {
    expect(errorOf(() => unpackXz(written.text, 100))).toBe(
      'ARCHIVE_TOO_LARGE: the file unpacks to more than 100 bytes',
    );
    expect(errorOf(() => unpackXz(written.delta, limit))).toBe(
      'ARCHIVE_UNSUPPORTED: the xz file uses more than one filter, which is not unpacked here',
    );
    for (let length = 1; length < written.text.length; length++)
      expect(errorOf(() => unpackXz(written.text.subarray(0, length), limit))).toMatch(/^ARCHIVE_DAMAGED/);
  });

  it('property: one flipped bit is damage, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat({ max: written.text.length * 8 - 1 }), (bit) => {
        const bytes = written.text.slice();
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(errorOf(() => unpackXz(bytes, limit))).toMatch(/^ARCHIVE_/);
      }),
    );
  });
});

describe('unpackSmall', () => {
  it('gives plain bytes as they are, and unpacks xz by its first bytes', () => {
    expect(utf8Text(unpackSmall(new BufferSource(new TextEncoder().encode('{}'))))).toBe('{}');
    expect(utf8Text(unpackSmall(new BufferSource(written.text)))).toBe(lines);
  });

  it('refuses what is larger than the limit', () => {
    expect(errorOf(() => unpackSmall(new BufferSource(new Uint8Array(11)), { limit: 10 }))).toBe(
      'ARCHIVE_TOO_LARGE: the file has more than 10 bytes',
    );
  });
});

describe('crc64', () => {
  it('gives the check value of the catalogue: CRC-64/XZ of 123456789', () => {
    const digits = new TextEncoder().encode('123456789');
    expect(crc64(digits).map((half) => half.toString(16))).toEqual(['df1939fa', '995dc9bb']);
  });
});
