import { describe, expect, it } from 'vitest';
import { raw } from '../image/code.ts';
import { ret } from '../image/x64-code.ts';
import { x64Function } from '../image/x64-function.ts';
import { identified, type UnidentifiedImage } from './image-identity.ts';
import type { MachineOptions } from './machine.ts';
import { platformFor } from './platforms.ts';

const image = (code: string, more: Partial<UnidentifiedImage> = {}): UnidentifiedImage => ({
  architecture: 'x64',
  name: 'sample.sys',
  module: 'sample',
  base: 0xffff_f880_0100_0000n,
  timeDateStamp: 0x6300_0000,
  pdbName: 'sample.pdb',
  entryPoint: 'DriverEntry',
  functions: [x64Function('DriverEntry', [], [raw(code), ret()])],
  ...more,
});

const keys = (spec: UnidentifiedImage, build = 9200) => {
  const { pdb, timeDateStamp } = identified(spec, build);
  return { guid: pdb.guid, timeDateStamp };
};

describe('the identity of an image', () => {
  it('is the same for the same contents, wherever the image lies', () => {
    expect(keys(image('90', { base: 0xffff_f880_0200_0000n }))).toEqual(keys(image('90')));
  });

  it.each([
    ['code', image('cc')],
    ['name', image('90', { name: 'other.sys' })],
    ['processor', image('90', { architecture: 'arm64' })],
    ['variables', image('90', { variables: [{ name: 'Device', size: 8 }] })],
    ['texts', image('90', { constants: [{ name: 'Text', size: 2, bytes: Uint8Array.of(65, 0) }] })],
    ['order of functions', image('90', { linkOrder: ['DriverEntry'] })],
  ])('differs by %s', (_what, other) => {
    const [mine, others] = [keys(image('90')), keys(other)];
    expect(others.guid).not.toBe(mine.guid);
    expect(others.timeDateStamp).not.toBe(mine.timeDateStamp);
  });

  it('differs by the build of Windows', () => {
    expect(keys(image('90'), 7601).guid).not.toBe(keys(image('90')).guid);
  });

  it('keeps the high byte of the time stamp', () => {
    expect(identified(image('90'), 9200).timeDateStamp >>> 24).toBe(0x63);
  });

  it('is never that of another image of the lab', () => {
    const machines: MachineOptions[] = [
      ...[7601, 9200, 9600, 14_393, 17_763].map((build) => ({ build })),
      {},
      { architecture: 'x86' },
      { architecture: 'x86', build: 7601 },
      { architecture: 'arm64' },
    ];
    const specs = machines.flatMap((options) =>
      platformFor(options)
        .platform.buildImages()
        .map(({ spec, size }) => ({ spec, size })),
    );
    expect(new Set(specs.map(({ spec }) => spec.pdb.guid)).size).toBe(specs.length);
    expect(new Set(specs.map(({ spec, size }) => `${spec.name} ${spec.timeDateStamp} ${size}`)).size).toBe(
      specs.length,
    );
  });
});
