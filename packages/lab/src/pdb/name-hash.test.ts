import { BufferSource } from '@poolscope/engine';
import { readU16, readU32 } from '@poolscope/engine/base';
import { StructView, TPIHDR } from '@poolscope/engine/layouts';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedBytes } from '../../../../test/shared-files.ts';
import { PdbFile } from '../../../engine/src/pdb/index.ts';
import { leaf } from './code-view.ts';
import { nameHash, recordHash } from './name-hash.ts';

/** Kinds of records that are hashed by their bytes, of those that the lab writes. */
const byBytes: ReadonlySet<number> = new Set([
  ...[leaf.LF_POINTER, leaf.LF_PROCEDURE, leaf.LF_ARGLIST, leaf.LF_FIELDLIST],
  ...[leaf.LF_BITFIELD, leaf.LF_ARRAY, leaf.LF_FUNC_ID],
]);
const scoped = 0x100;

/** Index, leaf and bytes of each record of a stream of types, and the bucket that the linker gave it. */
function* records(pdb: PdbFile, stream: number) {
  const bytes = pdb.msf.stream(stream)!.bytes();
  const header = new StructView(TPIHDR, bytes);
  const hashes = pdb.msf.stream(header.get('sn'))!.bytes();
  const buckets = header.get('cHashBuckets');
  let at = header.get('cbHdr');
  for (let index = 0; index < header.get('tiMac') - header.get('tiMin'); index++) {
    const record = bytes.subarray(at, at + 2 + readU16(bytes, at));
    const bucket = readU32(hashes, header.get('offHashVals') + 4 * index);
    yield { index: header.get('tiMin') + index, leaf: readU16(record, 2), record, bucket, buckets };
    at += record.length;
  }
}

describe('hashes of names', () => {
  it('are the same for letters of either case, and differ for others', () => {
    expect(nameHash('KeBugCheckEx')).toBe(nameHash('kebugcheckEX'));
    expect(nameHash('KeBugCheckEx')).not.toBe(nameHash('KeBugCheckEy'));
    expect(nameHash('')).toBe(0x2024_0400);
  });
});

describe.skipIf(!hasShared).each(['misc/vs2019_cpp_override.pdb', 'systeminformer/amd64/ksi.pdb'])(
  'hashes of a linker, %s',
  (name) => {
    const pdb = hasShared ? new PdbFile(new BufferSource(sharedBytes(`pdbs/${name}`))) : undefined;

    it('are those of the bytes of records', () => {
      let checked = 0;
      for (const stream of [2, 4])
        for (const { leaf: kind, record, bucket, buckets } of records(pdb!, stream)) {
          if (!byBytes.has(kind)) continue;
          expect(recordHash(record) % buckets).toBe(bucket);
          checked++;
        }
      expect(checked).toBeGreaterThan(500);
    });

    it('are those of the names of structures and enumerations that are defined, of unnamed ones those of the bytes', () => {
      const checked = new Set<number>();
      for (const { index, leaf: kind, record, bucket, buckets } of records(pdb!, 2)) {
        const structure = pdb!.structures.structureAt(index);
        const own = structure?.isForward ? undefined : (structure?.name ?? pdb!.enumerations.at(index)?.name);
        if (own === undefined || (readU16(record, 6) & scoped) !== 0) continue;
        const hash = own === '<unnamed-tag>' ? recordHash(record) : nameHash(own);
        expect([own, hash % buckets]).toEqual([own, bucket]);
        checked.add(kind);
      }
      expect([...checked]).toEqual(expect.arrayContaining([leaf.LF_STRUCTURE, leaf.LF_UNION, leaf.LF_ENUM]));
    });
  },
);
