import { expect, it } from 'vitest';
import { type PlannedBlock, poolPage } from '../../../test/pool-page.ts';
import { plainFormat } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { staleHeader } from './stale-header.ts';

const page = 0xffff_fa80_01a1_b000n;
const format = plainFormat(8);
const [free, stale] = [0x180, 0x1d0];
/** No image is loaded whose code could name the tag. */
const system = { symbols: { modules: [] } } as unknown as CrashedSystem;

/** A free block that has taken in one of 0x40 bytes behind its first 0x50. */
function merged(previousSize: number, freeSize: number): Uint8Array {
  const plan: readonly PlannedBlock[] = [
    { tag: 'File', size: free },
    { tag: 'Free', size: freeSize, type: 0 },
    { tag: 'Irp ' },
  ];
  const bytes = poolPage(8, page, plan);
  bytes.fill(0x11, free + 16, stale);
  bytes.set([previousSize / 16, 0, 4, 0, 0x50, 0x6e, 0x43, 0x6b], stale);
  bytes.fill(0x77, stale + 0x40, stale + 0x44);
  return bytes;
}

it('knows what was a header by the free block that took it in', () => {
  expect(staleHeader(system, merged(0x50, 0xd0), stale, format)).toMatchObject({
    size: 0x40,
    previousSize: 0x50,
  });
  expect(staleHeader(system, merged(0x40, 0xd0), stale, format)).toBeUndefined();
  expect(staleHeader(system, merged(0x50, 0x70), stale, format)).toBeUndefined();
});
