import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PageSet } from './page-set.ts';

/** Numbers of pages of the kernel's half: neighbours, and some far away. */
const page = fc.oneof(
  fc.integer({ min: 0, max: 0x1_0000 }).map((at) => 0xf_ffff_a800_0000 + at),
  fc.maxSafeNat().map((at) => at % 2 ** 52),
);

it('a set of pages holds what was added, once', () => {
  fc.assert(
    fc.property(fc.array(page, { maxLength: 200 }), fc.array(page, { maxLength: 50 }), (added, asked) => {
      const set = new PageSet();
      const plain = new Set<number>();
      for (const each of added) {
        expect(set.add(each)).toBe(!plain.has(each));
        plain.add(each);
      }
      expect(set.size).toBe(plain.size);
      for (const each of [...added, ...asked]) expect(set.has(each)).toBe(plain.has(each));
    }),
  );
});
