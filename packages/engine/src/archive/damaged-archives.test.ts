import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DebuggerError, equalBytes } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { Crc32 } from './crc32.ts';
import { MemorySink } from './dump-sink.ts';
import { unpackDump } from './unpack.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const dump = Uint8Array.from({ length: 3000 }, (_, i) => (i < 8 ? 'PAGEDUMP'.charCodeAt(i) : i % 7));
const readme = ascii('see the dump\n');

/** MEMORY.DMP and readme.txt by p7zip 16.02, with an unpacked list of files (-mhc=off). */
const sevenZip = ascii(
  atob(
    'N3q8ryccAARPYDgYRAAAAAAAAAB+AAAAAAAAAAseG3PgE5QAPF0AKBBFCWi95hegMLYETHFUU6P0J1iz98oUUyZwV4PNQpe2' +
      'ub8iR1W41itb7a6/g/blUUgB2yyEhO99EAAAAAEEBgABCUQABwsBAAEhIQEBDJOVAAgNAgmTiAoBpeLcfGFysBkAAAUCGQIA' +
      'ABEtAE0ARQBNAE8AUgBZAC4ARABNAFAAAAByAGUAYQBkAG0AZQAuAHQAeAB0AAAAFBIBAACAPtXesZ0BAIA+1d6xnQEVCgEA' +
      'IICkgSCApIEAAA==',
  ),
);
const sevenZipDump = Uint8Array.from({ length: 5000 }, (_, i) => (i < 8 ? 'PAGEDU64'.charCodeAt(i) : i % 7));

/** Makes the checksums of a 7z archive's header right again, so that the damage gets past them. */
function seal(archive: Uint8Array): Uint8Array {
  if (archive.length < 32) return archive;
  const header = new DataView(archive.buffer, archive.byteOffset, archive.length);
  const list = 32 + header.getUint32(12, true);
  header.setUint32(28, crcOf(archive.subarray(list, list + header.getUint32(20, true))), true);
  header.setUint32(8, crcOf(archive.subarray(12, 32)), true);
  return archive;
}

function crcOf(bytes: Uint8Array): number {
  const crc = new Crc32();
  crc.add(bytes);
  return crc.value;
}

interface Sample {
  readonly kind: string;
  readonly archive: Uint8Array;
  readonly content: Uint8Array;
  readonly runs: number;
  readonly seal?: (archive: Uint8Array) => Uint8Array;
}

const samples: Sample[] = [
  { kind: 'gz', archive: gzipSync(dump, { filename: 'MEMORY.DMP' }), content: dump, runs: 1000 },
  { kind: 'zip', archive: zipSync({ 'readme.txt': readme, 'MEMORY.DMP': dump }), content: dump, runs: 1000 },
  {
    kind: 'stored zip',
    archive: zipSync({ 'readme.txt': readme, 'MEMORY.DMP': dump }, { level: 0 }),
    content: dump,
    runs: 500,
  },
  // Each run makes a WebAssembly instance of its own.
  { kind: '7z', archive: sevenZip, content: sevenZipDump, runs: 100 },
  { kind: 'resealed 7z', archive: sevenZip, content: sevenZipDump, runs: 100, seal },
];

/** What comes of a file: its dump's bytes, or the code of the error. Any other exception fails the test. */
async function resultOf(bytes: Uint8Array): Promise<Uint8Array | string> {
  try {
    const { source } = await unpackDump(new BufferSource(bytes), { makeSink: () => new MemorySink(1 << 20) });
    const content = new Uint8Array(source.size);
    source.readInto(0, content);
    return content;
  } catch (error) {
    if (error instanceof DebuggerError) return error.code;
    throw error;
  }
}

/** A place, as a part of the archive's length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

/** Damage: the archive is cut off, some bytes are replaced, a piece of it is copied elsewhere. */
const damage = fc.record({
  cut: fc.option(place),
  changes: fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
  copy: fc.option(fc.tuple(place, place, fc.nat(40))),
});

function inflict(
  archive: Uint8Array,
  how: typeof damage extends fc.Arbitrary<infer Damage> ? Damage : never,
) {
  const bytes = archive.slice();
  const at = (part: number) => Math.floor(part * (bytes.length - 1));
  for (const [part, value] of how.changes) bytes[at(part)] = value;
  if (how.copy !== null) {
    const [from, to, length] = how.copy;
    bytes.copyWithin(at(to), at(from), at(from) + length);
  }
  return how.cut === null ? bytes : bytes.subarray(0, at(how.cut));
}

const codes = [
  'ARCHIVE_DAMAGED',
  'ARCHIVE_NO_DUMP',
  'ARCHIVE_UNSUPPORTED',
  'ARCHIVE_TOO_LARGE',
  'ARCHIVE_MANY_DUMPS',
];

describe.each(samples)('a damaged $kind archive', (sample) => {
  it('gives the dump, the file as it is, or an answer', async () => {
    const property = fc.asyncProperty(damage, async (how) => {
      const damaged = inflict(sample.archive, how);
      const bytes = sample.seal?.(damaged) ?? damaged;
      const result = await resultOf(bytes);
      if (typeof result === 'string') expect(codes).toContain(result);
      // With its checksums made right again, damage is another archive.
      else
        expect(
          sample.seal !== undefined || equalBytes(result, sample.content) || equalBytes(result, bytes),
        ).toBe(true);
    });
    await fc.assert(property, { numRuns: sample.runs });
  });
});
