import { describe, expect, it } from 'vitest';
import { type PlannedBlock, poolPage } from '../../../test/pool-page.ts';
import { examinePage, plainFormat, tagValue } from '../../pool/index.ts';
import type { PageDamage } from './damage-span.ts';
import { type DamageContext, readDamage } from './page-damage.ts';

const at = 0xffff_fa80_01a1_b000n;
const pageSize = 0x1000;

const plan: readonly PlannedBlock[] = [
  { tag: 'File', size: 0x180 },
  { tag: 'Rec0', size: 0x210 },
  { tag: 'StFl', size: 0x210 },
  { tag: 'Free', size: 0x90, type: 0 },
  { tag: 'Irp ', size: 0x2a0 },
  { tag: 'MmCa', size: 0x150 },
  { tag: 'Thre' },
];
/** Of the second block, and behind it. */
const [block, end] = [0x180, 0x390];

/** Block bodies hold small numbers, so that no byte of them is like those that a test writes. */
function page(
  pointerSize: 4 | 8,
  change: (bytes: Uint8Array) => void,
  context?: DamageContext,
): PageDamage[] {
  const bytes = poolPage(pointerSize, at, plan);
  const unit = pointerSize * 2;
  let offset = 0;
  for (const { size = pageSize - offset, type } of plan) {
    for (let index = offset + unit; type !== 0 && index < offset + size; index++)
      bytes[index] = 0x80 + ((index * 7) % 13);
    offset += size;
  }
  change(bytes);
  const read = { address: at, bytes, mask: new Uint8Array(pageSize).fill(1), fault: undefined };
  const format = plainFormat(pointerSize);
  return readDamage(examinePage(read, format), read, format, context);
}

const isHeader = (offset: number): boolean => {
  let at = 0;
  for (const { size = pageSize } of plan) {
    if (offset >= at && offset < at + 16) return true;
    at += size;
  }
  return false;
};

const write = (bytes: Uint8Array, offset: number, text: string): void => {
  for (let index = 0; index < text.length; index++) bytes[offset + index] = text.charCodeAt(index);
};

describe.each([4, 8] as const)('damage of a page, pointers of %i bytes', (pointerSize) => {
  const unit = pointerSize * 2;
  const va = (offset: number): bigint => at + BigInt(offset);

  it('is none where nothing changed', () => {
    expect(page(pointerSize, () => {})).toEqual([]);
  });

  it('tells a text that ran over the end of its block, with its NUL', () => {
    const text = `${'O'.repeat(40)}VERFLOW\0`;
    const [damage, ...more] = page(pointerSize, (bytes) => write(bytes, end - 8, text));
    expect(more).toEqual([]);
    expect(damage).toMatchObject({
      shape: 'overrun',
      block: { address: va(block), tag: 'Rec0' },
      victim: { at: va(end), size: 0x210 },
      start: va(end),
      length: text.length - 8,
      pattern: 'text',
      payloadStart: va(end - 8),
      text: text.slice(0, -1),
    });
    expect(damage?.rules).toEqual(['headers-frame-it', 'begins-at-end', 'unbroken-from-inside']);
  });

  it('knows a text from the first byte of its block', () => {
    const [damage] = page(pointerSize, (bytes) => bytes.fill(0x4f, block + unit, end + 0x20));
    expect(damage).toMatchObject({
      shape: 'overrun',
      start: va(end),
      length: 0x20,
      payloadStart: va(block + unit),
    });
    expect(damage?.rules).toContain('from-first-byte');
  });

  it('tells several blocks that were run over as one piece', () => {
    const damages = page(pointerSize, (bytes) => bytes.fill(0x4f, block + unit, end + 0x210 + 0x40));
    expect(damages).toHaveLength(1);
    expect(damages[0]).toMatchObject({ shape: 'overrun', start: va(end), length: 0x250 });
  });

  it('tells one byte too many from a bit that flipped', () => {
    const over = page(pointerSize, (bytes) => {
      bytes[end] = 0x0a;
    });
    expect(over).toMatchObject([{ shape: 'overrun', start: va(end), length: 1 }]);
    expect(over[0]?.rules).toContain('off-by-one');
    const flipped = page(pointerSize, (bytes) => {
      bytes[end + 2]! ^= 4;
    });
    expect(flipped).toMatchObject([
      { shape: 'bit', start: va(end + 2), length: 1, pattern: 'bit', block: undefined },
    ]);
  });

  it('tells a text written before the start of a block', () => {
    const text = 'written before it';
    const damages = page(pointerSize, (bytes) => write(bytes, end + unit - text.length, text));
    expect(damages).toMatchObject([
      {
        shape: 'underrun',
        block: undefined,
        victim: { at: va(end) },
        start: va(end + unit - text.length),
        length: text.length - unit,
      },
    ]);
  });

  it('doubts addresses before the start of a block of which one may be of the block in front', () => {
    if (unit === 8) return;
    const address = [0x30, 0xc4, 0xc6, 0x04, 0x80, 0xfa, 0xff, 0xff];
    const at = (first: number): PageDamage | undefined =>
      page(pointerSize, (bytes) => {
        for (let place = end - first * 8; place < end + unit; place += 8)
          bytes.set([place & 0xff, ...address.slice(1)], place);
      })[0];
    expect(at(1)).toMatchObject({ shape: 'underrun' });
    expect(at(1)?.rules).toContain('looks-alike');
  });

  it('takes a header that was destroyed but for its first byte for an overrun, and a part of one for a stray write', () => {
    const written = Array.from({ length: 15 }, (_, index) => 0x91 + 17 * (index % 6));
    const [whole] = page(pointerSize, (bytes) => bytes.set(written, end + 1));
    expect(whole).toMatchObject({ start: va(end + 1), shape: unit > 8 ? 'overrun' : 'stray' });
    expect(whole?.block?.address).toBe(unit > 8 ? va(block) : undefined);
    const [part] = page(pointerSize, (bytes) => bytes.set(written.slice(0, 3), end + 2));
    expect(part).toMatchObject({ shape: 'stray', start: va(end + 2) });
  });

  it('does not call a write stray that goes on as far as the header is known', () => {
    // The sizes in front are as they were, by chance; of a tag that no block has only what is no letter is known to be another one.
    const [damage] = page(pointerSize, (bytes) => {
      for (const [index, offset] of [0, block, end, 0x5a0, 0x630].entries())
        if (unit > 8) bytes.fill(index, offset + 8, offset + unit);
      bytes.set([0x1c, 0x00, 0xe8, 0x56, 0x8e, 0x40, 0x58, 0x13, 0xac, 0x44, 1], end + 2);
    });
    expect(damage).toMatchObject({ shape: 'overrun', start: va(end + 2) });
    expect(damage?.rules).toContain('looks-alike');
  });

  it('does not take zeros for an overrun that others may have written as well', () => {
    const [inside] = page(pointerSize, (bytes) => bytes.fill(0, end - 0x28, end + 0x18));
    expect(inside?.rules).toContain('looks-alike');
    const [whole] = page(pointerSize, (bytes) => bytes.fill(0, block + unit, end + 0x18));
    expect(whole).toMatchObject({ shape: 'overrun', start: va(end), length: 0x18 });
    expect(whole?.rules).not.toContain('looks-alike');
  });

  it('takes text that fills a sector for what a device wrote', () => {
    const [damage] = page(pointerSize, (bytes) =>
      write(bytes, 0x200, 'ab cd '.repeat(0x200).slice(0, 0x200)),
    );
    expect(damage).toMatchObject({ shape: 'stray', start: va(0x200), length: 0x200, block: undefined });
    const [later] = page(pointerSize, (bytes) => write(bytes, 0x210, 'ab cd '.repeat(0x200).slice(0, 0x1f0)));
    expect(later).toMatchObject({ shape: 'overrun', start: va(end) });
  });

  it('takes data that fills a line of the cache for no overrun', () => {
    const written = Array.from({ length: 0x40 }, (_, index) => 1 | (index * index * 31 + index * 7));
    const gaps = (bytes: Uint8Array): void => {
      for (let word = 0; word < pageSize; word += 8) if (!isHeader(word)) bytes.fill(0, word + 2, word + 8);
    };
    const [line, later] = [0x380, 0x388].map(
      (from) =>
        page(pointerSize, (bytes) => {
          gaps(bytes);
          bytes.set(written, from);
        })[0],
    );
    expect(line).toMatchObject({ shape: 'stray', start: va(0x380), length: 0x40 });
    expect(later?.shape).not.toBe('stray');
  });

  it('does not take single bits in two bytes of a header for an overrun', () => {
    const [damage] = page(pointerSize, (bytes) => {
      bytes[end]! ^= 0x40;
      bytes[end + 2]! ^= 2;
    });
    expect(damage?.rules).toContain('looks-alike');
    const [written] = page(pointerSize, (bytes) => bytes.set([0x12, 0x34, 0x56, 0x78], end));
    if (unit > 8) expect(written?.rules).not.toContain('looks-alike');
  });

  it('takes a link to the last page of all, or between words, for none', () => {
    const links = (found: bigint, listed: readonly bigint[] = []): string[] => {
      const bytes = poolPage(pointerSize, at, plan);
      const read = { address: at, bytes, mask: new Uint8Array(pageSize).fill(1), fault: undefined };
      const format = plainFormat(pointerSize);
      const link = va(end + 0x210 + unit + pointerSize);
      const problems = [
        { rule: 'free-link' as const, at: link, found: BigInt.asUintN(8 * pointerSize, found) },
      ];
      // The link in front of it is one.
      bytes.fill(0xff, end + 0x210 + unit, end + 0x210 + unit + pointerSize);
      return readDamage({ ...examinePage(read, format), problems }, read, format, { listed }).map(
        ({ shape }) => shape,
      );
    };
    const header = va(end + 0x210);
    const other = (at + 0x1000n) | 0x8000_0000n;
    expect(links(other, [header])).toEqual([]);
    for (const none of [-1n, -0x3ffdn, other + 1n, 0x4141n])
      expect([none, links(none, [header])]).toEqual([none, ['freed-block']]);
    // One that is put into a list right now has nothing in that link yet.
    expect(links(0x4141n)).toEqual([]);
  });

  it('sees by the tags of the machine that more than a bit of a header changed', () => {
    const change = (bytes: Uint8Array): void => {
      bytes[end + 2]! ^= 4;
      bytes[end + 5]! ^= 2;
    };
    const tags = [...plan.map(({ tag }) => tagValue(tag)), tagValue('MmSt')];
    expect(page(pointerSize, change)).toMatchObject([{ shape: 'bit' }]);
    const [damage] = page(pointerSize, change, { tags });
    expect(damage?.shape).not.toBe('bit');
  });

  it('does not say from which side a header was destroyed where nothing around it tells', () => {
    const [damage] = page(pointerSize, (bytes) => {
      for (let index = 0; index < unit; index++) bytes[end + index] = 0x93 + 11 * (index % 9);
    });
    expect(damage?.victim.at).toBe(va(end));
    expect(damage?.rules).toContain('looks-alike');
    expect(damage?.rules).not.toContain('begins-at-end');
  });

  it('takes the last block for shrunk by a bit where the bit turned back lets it reach to the end of the page', () => {
    const last = 0x390 + 0x210 + 0x90 + 0x2a0 + 0x150;
    const size = pageSize - last;
    const bit = 1 << (31 - Math.clz32(size / unit));
    const shrink = (bytes: Uint8Array): void => {
      bytes[last + 2]! ^= bit;
      bytes.fill(0, last + size - bit * unit);
    };
    expect(page(pointerSize, shrink)).toMatchObject([
      { shape: 'bit', start: va(last + 2), length: 1, victim: { at: va(last), size } },
    ]);
    const [over] = page(pointerSize, (bytes) => {
      shrink(bytes);
      bytes.fill(0x4f, last + size - bit * unit - 8);
    });
    expect(over?.shape).toBe('overrun');
  });
});
