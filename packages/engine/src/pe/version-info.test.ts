import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { decodeVersionInfo, type ImageReader, readVersionInfo } from './index.ts';

const halves = (...values: number[]): number[] => values.flatMap((value) => [value & 255, value >> 8]);
const words = (...values: number[]): number[] =>
  values.flatMap((value) => halves(value & 0xffff, value >>> 16));
const wide = (value: string): number[] => [...Buffer.from(`${value}\0`, 'utf16le')];

/** The least of an x64 image that has a resource directory at 0x2000; page `absent` cannot be read. */
function imageWith(data: Readonly<Record<number, readonly number[]>>, absent = -1): ImageReader {
  const bytes = new Uint8Array(0x8000);
  const header = {
    0: halves(0x5a4d),
    0x3c: words(0x80),
    0x80: [...words(0x4550), ...halves(0x8664)],
    0x94: [...halves(0xf0, 0), ...halves(0x20b)],
    0xd0: words(0x8000),
    0x104: words(16),
    0x118: words(0x2000, 0x1000),
  };
  for (const [at, values] of Object.entries({ ...header, ...data })) bytes.set(values, Number(at));
  return {
    layout: 'mapped',
    tryReadRva: (rva, length) =>
      rva >> 12 === absent ? new Fault('not-in-dump', BigInt(rva)) : bytes.slice(rva, rva + length),
  };
}

describe('version resource', () => {
  const align = (bytes: number[]): number[] => [...bytes, ...Array<number>(-bytes.length & 3).fill(0)];
  const block = (
    key: string,
    type: number,
    valueLength: number,
    value: number[],
    children: number[] = [],
  ): number[] => {
    const head = align([...halves(0, valueLength, type), ...wide(key)]);
    const body = [...align([...head, ...value]), ...children];
    return align([...halves(body.length), ...body.slice(2)]);
  };
  const fixed = words(
    0xfeef04bd,
    0x10000,
    0x000a_0000,
    0x4a61_0324,
    0x000a_0000,
    0x4a61_0001,
    0x3f,
    0x41,
    0x40004,
    3,
    7,
    0,
    0,
  );
  const strings = block(
    '040904B0',
    1,
    0,
    [],
    [...block('CompanyName', 1, 5, wide('Corp')), ...block('FileVersion', 1, 8, wide('10.0 (x)'))],
  );
  const translation = block('Translation', 0, 8, halves(0x409, 0x4b0, 0, 0x4e4));
  const resource = block('VS_VERSION_INFO', 0, 52, fixed, [
    ...block('StringFileInfo', 1, 0, [], strings),
    ...block('VarFileInfo', 1, 0, [], translation),
  ]);

  it('PE-7 finds it through the three levels of the resource tree', () => {
    const level = (id: number, to: number) => [...words(0, 0, 0), ...halves(0, 1), ...words(id, to)];
    const data = {
      0x2000: level(16, 0x8000_0040),
      0x2040: level(1, 0x8000_0080),
      0x2080: level(0x409, 0xc0),
      0x20c0: words(0x3000, resource.length, 0, 0),
      0x3000: resource,
    };
    expect(readVersionInfo(imageWith(data))).toEqual({
      fileVersion: '10.0.19041.804',
      productVersion: '10.0.19041.1',
      fileFlags: 1,
      fileFlagsMask: 0x3f,
      fileOS: 0x40004,
      fileType: 3,
      fileSubtype: 7,
      fileDate: [0, 0],
      translations: ['0409.04b0', '0000.04e4'],
      strings: new Map([
        ['CompanyName', 'Corp'],
        ['FileVersion', '10.0 (x)'],
      ]),
    });
    expect(readVersionInfo(imageWith(data, 3))).toMatchObject({ kind: 'absent' });
  });

  it('PE-7 stays inside the resource', () => {
    expect(decodeVersionInfo(Uint8Array.from(resource.slice(0, 40)))).toBeUndefined();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(resource.length - 1), fc.nat(255)), { maxLength: 12 }),
        (changes) => {
          const bytes = Uint8Array.from(resource);
          for (const [at, value] of changes) bytes[at] = value;
          const version = decodeVersionInfo(bytes);
          expect(version?.strings.size ?? 0).toBeLessThanOrEqual(64);
          expect(version?.translations.length ?? 0).toBeLessThanOrEqual(32);
        },
      ),
    );
  });
});
