import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { findImport, type ImageReader } from './index.ts';

const size = 0x3000;

/** A PE32+ image whose import table is at 0x1000: two images, the second imports by number. */
function imageWithImports(): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: number) => view.setUint32(at, value, true);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  view.setUint16(0, 0x5a4d, true);
  u32(0x3c, 0x80);
  u32(0x80, 0x4550);
  view.setUint16(0x84, 0x8664, true);
  view.setUint16(0x94, 0xf0, true);
  view.setUint16(0x98, 0x20b, true);
  u32(0xd0, size);
  u32(0xd4, 0x400);
  u32(0x104, 16);
  u32(0x110, 0x1000);
  u32(0x114, 0x3c);
  for (const [index, values] of [
    [0x1100, 0, 0, 0x1200, 0x2000],
    [0x1120, 0, 0, 0x1210, 0x2020],
  ].entries())
    for (const [word, value] of values.entries()) u32(0x1000 + index * 20 + word * 4, value);
  u32(0x1100, 0x1220);
  u32(0x1108, 0x1240);
  view.setBigUint64(0x1120, 0x8000_0000_0000_0007n, true);
  text(0x1200, 'ntoskrnl.exe');
  text(0x1210, 'hal.dll');
  text(0x1222, 'ExAllocatePool2');
  text(0x1242, 'ExFreePool');
  return bytes;
}

const readerOf = (bytes: Uint8Array): ImageReader => ({
  layout: 'mapped',
  tryReadRva: (rva, length) =>
    rva + length <= bytes.length
      ? bytes.slice(rva, rva + length)
      : new Fault('not-in-dump', BigInt(rva), { got: bytes.slice(rva) }),
});

it('finds the import of a slot', () => {
  const image = readerOf(imageWithImports());
  expect(findImport(image, 0x2000)).toEqual({
    image: 'ntoskrnl.exe',
    name: 'ExAllocatePool2',
    ordinal: undefined,
  });
  expect(findImport(image, 0x2008)?.name).toBe('ExFreePool');
  expect(findImport(image, 0x2020)).toEqual({ image: 'hal.dll', name: undefined, ordinal: 7 });
  // Behind the last name, between slots, and far away.
  for (const rva of [0x2010, 0x2004, 0x2028, 0x1000, 0, 0xffff_fff8])
    expect(findImport(image, rva)).toBeUndefined();
});

it('ends with damaged tables', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(0x24f), fc.nat(255)), { maxLength: 60 }),
      fc.nat(0x3000),
      (changes, rva) => {
        const bytes = imageWithImports();
        for (const [at, value] of changes) bytes[0x1000 + at] = value;
        const found = findImport(readerOf(bytes), rva);
        expect(
          found === undefined ||
            found.image.length > 0 ||
            found.ordinal !== undefined ||
            found.name !== undefined,
        ).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
