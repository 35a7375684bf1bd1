import { BufferSource } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { MsfFile } from '../../../engine/src/pdb/msf-file.ts';
import { msfFile } from './msf-file.ts';

const pageSize = 0x1000;

/** Bytes of which no page is like another. */
const filled = (size: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >>> 12) * 7 + seed) & 0xff);

describe('a file of streams', () => {
  it('gives back streams of any size', () => {
    const streams = [0, 1, pageSize - 1, pageSize, pageSize + 1, 5 * pageSize].map(filled);
    const msf = MsfFile.open(new BufferSource(msfFile(streams)));
    for (const [index, bytes] of streams.entries()) expect(msf.stream(index)?.bytes()).toEqual(bytes);
    expect(msf.stream(streams.length)).toBeUndefined();
  });

  it('keeps pages 1 and 2 of every 4096 for the maps of free pages', () => {
    const streams = [filled(17 << 20, 1), filled(100, 2)];
    const file = msfFile(streams);
    const msf = MsfFile.open(new BufferSource(file));
    expect(Buffer.compare(msf.stream(0)!.bytes(), streams[0]!)).toBe(0);
    expect(msf.stream(1)?.bytes()).toEqual(streams[1]);
    const pages = file.length / pageSize;
    const map = file.subarray(pageSize, 2 * pageSize);
    const isFree = (page: number) => ((map[page >>> 3]! >>> (page & 7)) & 1) === 1;
    expect(Array.from({ length: pages }, (_, page) => page).filter(isFree)).toEqual([]);
    expect([pages, pages + 1, pageSize * 8 - 1].map(isFree)).toEqual([true, true, true]);
    const second = file.subarray(4097 * pageSize, 4099 * pageSize);
    expect(second.every((byte) => byte === 0xff)).toBe(true);
  });
});
