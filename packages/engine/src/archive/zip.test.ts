import { deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { BufferSource, type ByteSource } from '../io/index.ts';
import { Crc32 } from './crc32.ts';
import { MemorySink } from './dump-sink.ts';
import { unpackDump } from './unpack.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const makeDump = (size = 5000, signature = 'PAGEDU64') =>
  join(
    ascii(signature),
    Uint8Array.from({ length: size - signature.length }, (_, i) => (i * i) >> 3),
  );

const dump = makeDump();
const readme = ascii('see the dump\n');

const open = (source: ByteSource | Uint8Array) =>
  unpackDump(source instanceof Uint8Array ? new BufferSource(source) : source, {
    makeSink: () => new MemorySink(64 << 20),
  });

async function contentOf(archive: ByteSource | Uint8Array): Promise<Uint8Array> {
  const { source } = await open(archive);
  const bytes = new Uint8Array(source.size);
  source.readInto(0, bytes);
  return bytes;
}

const failing = (code: string, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

/** A file as the zip below is to hold it; what is absent is what belongs there. */
interface File {
  readonly name: string | Uint8Array;
  readonly data?: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly offset?: number;
  /** Sizes and offset in the zip64 extra field. */
  readonly wide?: boolean;
  /** Sizes and checksum behind the data and not before it. */
  readonly descriptor?: boolean;
}

interface Shape {
  readonly comment?: Uint8Array;
  /** Where the archive stands in its file. */
  readonly base?: number;
  readonly wideEnd?: boolean;
  readonly count?: number;
  readonly part?: number;
  readonly directorySize?: number;
}

/** Fields of 2, 4 or 8 bytes. */
function fields(...values: readonly (readonly [value: number, size: number])[]): Uint8Array {
  const bytes = values.flatMap(([value, size]) =>
    Array.from({ length: size }, (_, at) => Math.floor(value / 2 ** (8 * at)) % 256),
  );
  return Uint8Array.from(bytes);
}

/** Writes a zip archive field by field (APPNOTE.TXT 4.3), so that any of them can be wrong. */
function makeZip(files: readonly File[], shape: Shape = {}): Uint8Array {
  const base = shape.base ?? 0;
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = base;
  for (const file of files) {
    const written = writeFile(file, at);
    local.push(written.local);
    central.push(written.central);
    at += written.local.length;
  }
  const directory = join(...central);
  return join(...local, directory, writeEnd(files.length, at, directory.length, shape));
}

function writeFile(file: File, at: number): { local: Uint8Array; central: Uint8Array } {
  const name = typeof file.name === 'string' ? utf8(file.name) : file.name;
  const data = file.data ?? new Uint8Array(0);
  const method = file.method ?? 8;
  const packed = method === 8 ? new Uint8Array(deflateRawSync(data)) : data;
  const actual = new Crc32();
  actual.add(data);
  const crc = file.crc ?? actual.value;
  const size = file.size ?? data.length;
  const packedSize = file.packedSize ?? packed.length;
  const flags = (file.flags ?? 0) | (file.descriptor === true ? 8 : 0);
  const start = fields([45, 2], [flags, 2], [method, 2], [0, 4]);
  const known =
    file.descriptor === true
      ? fields([0, 4], [0, 4], [0, 4])
      : fields([crc, 4], [packed.length, 4], [data.length, 4]);
  const localExtra = fields([0x5455, 2], [5, 2], [1, 1], [0, 4]);
  const trailer =
    file.descriptor === true
      ? fields([0x08074b50, 4], [crc, 4], [packed.length, 4], [data.length, 4])
      : new Uint8Array(0);
  const offset = file.offset ?? at;
  const narrow = (value: number) => (file.wide === true ? 0xffff_ffff : value);
  const extra =
    file.wide === true
      ? fields([0x5455, 2], [1, 2], [1, 1], [1, 2], [24, 2], [size, 8], [packedSize, 8], [offset, 8])
      : new Uint8Array(0);
  return {
    local: join(
      fields([0x04034b50, 4]),
      start,
      known,
      fields([name.length, 2], [localExtra.length, 2]),
      name,
      localExtra,
      packed,
      trailer,
    ),
    central: join(
      fields([0x02014b50, 4], [0x31e, 2]),
      start,
      fields(
        [crc, 4],
        [narrow(packedSize), 4],
        [narrow(size), 4],
        [name.length, 2],
        [extra.length, 2],
        [3, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [narrow(offset), 4],
      ),
      name,
      extra,
      ascii('why'),
    ),
  };
}

function writeEnd(files: number, offset: number, actualSize: number, shape: Shape): Uint8Array {
  const count = shape.count ?? files;
  const size = shape.directorySize ?? actualSize;
  const part = shape.part ?? 0;
  const comment = shape.comment ?? new Uint8Array(0);
  const end = (counts: number, sizes: number, offsets: number) =>
    join(
      fields(
        [0x06054b50, 4],
        [part, 2],
        [part, 2],
        [counts, 2],
        [counts, 2],
        [sizes, 4],
        [offsets, 4],
        [comment.length, 2],
      ),
      comment,
    );
  if (shape.wideEnd !== true) return end(count, size, offset);
  const wide = fields(
    [0x06064b50, 4],
    [44, 8],
    [45, 2],
    [45, 2],
    [part, 4],
    [part, 4],
    [count, 8],
    [count, 8],
    [size, 8],
    [offset, 8],
  );
  const locator = fields([0x07064b50, 4], [0, 4], [offset + actualSize, 8], [1, 4]);
  return join(wide, locator, end(0xffff, 0xffff_ffff, 0xffff_ffff));
}

/** Bytes that stand behind a great many zeros. */
class FarSource implements ByteSource {
  readonly size: number;
  readonly #first: Uint8Array;
  readonly #start: number;
  readonly #bytes: Uint8Array;

  constructor(first: Uint8Array, start: number, bytes: Uint8Array) {
    this.#first = first;
    this.#start = start;
    this.#bytes = bytes;
    this.size = start + bytes.length;
  }

  readInto(offset: number, target: Uint8Array): number {
    const count = Math.max(0, Math.min(target.length, this.size - offset));
    for (let i = 0; i < count; i++)
      target[i] = this.#first[offset + i] ?? this.#bytes[offset + i - this.#start] ?? 0;
    return count;
  }
}

describe('zip', () => {
  it('is opened as the dump in it, beside other files and folders', async () => {
    const zip = zipSync({
      'readme.txt': readme,
      dumps: { 'MEMORY.DMP': dump },
      __MACOSX: { dumps: { '._MEMORY.DMP': readme } },
    });
    expect(await contentOf(zip)).toEqual(dump);
    expect(await open(zip)).toMatchObject({ archive: 'zip', entry: 'dumps/MEMORY.DMP' });
  });

  it('finds the dump by its bytes and not by its name', async () => {
    const zip = zipSync({ 'fake.dmp': readme, 'core.bin': dump, 'folder.dmp/': new Uint8Array(0) });
    expect(await open(zip)).toMatchObject({ entry: 'core.bin' });
  });

  it.each([
    ['stored', { method: 0 }],
    ['deflated', { method: 8 }],
    ['stored, with a data descriptor', { method: 0, descriptor: true }],
    ['deflated, with a data descriptor', { method: 8, descriptor: true }],
    ['in zip64 fields', { wide: true }],
    ['stored in zip64 fields, with a data descriptor', { method: 0, wide: true, descriptor: true }],
  ])('may have the dump %s', async (_, how) => {
    expect(
      await contentOf(
        makeZip([
          { name: 'readme.txt', data: readme },
          { name: 'a.dmp', data: dump, ...how },
        ]),
      ),
    ).toEqual(dump);
  });

  it('may have a comment, even one that looks like an archive', async () => {
    const files = [{ name: 'a.dmp', data: dump }];
    expect(await contentOf(makeZip(files, { comment: ascii('x'.repeat(65_535)) }))).toEqual(dump);
    const inner = makeZip([{ name: 'inner', data: readme }], { directorySize: 1e6 });
    expect(await contentOf(makeZip(files, { comment: join(inner, ascii('!')) }))).toEqual(dump);
  });

  it('may have a zip64 end record', async () => {
    expect(await contentOf(makeZip([{ name: 'a.dmp', data: dump }], { wideEnd: true }))).toEqual(dump);
  });

  it('may be larger than 4 GB', async () => {
    const base = 5 * 2 ** 30;
    const big = {
      name: 'big.bin',
      method: 0,
      size: base - 100,
      packedSize: base - 100,
      offset: 0,
      wide: true,
    };
    const first = makeZip([{ name: 'big.bin', method: 0 }]).subarray(0, 50);
    const rest = makeZip([big, { name: 'a.dmp', data: dump, wide: true }], { base, wideEnd: true });
    expect(await contentOf(new FarSource(first, base, rest))).toEqual(dump);
  });

  it('tells names in UTF-8 and in code page 437, fit for a terminal', async () => {
    const entryOf = async (name: string | Uint8Array) => (await open(makeZip([{ name, data: dump }]))).entry;
    expect(await entryOf('Übung/日本.dmp')).toBe('Übung/日本.dmp');
    expect(await entryOf(Uint8Array.of(0x9a, 0x62))).toBe('Üb');
    expect(await entryOf('\x1b[31mred')).toBe('?[31mred');
  });

  it('with two dumps names them', async () => {
    const zip = zipSync({ 'a.dmp': dump, 'readme.txt': readme, 'b.dmp': makeDump(100, 'PAGEDUMP') });
    await expect(open(zip)).rejects.toEqual(failing('ARCHIVE_MANY_DUMPS', '2 kernel dumps: a.dmp, b.dmp'));
    await expect(open(zip)).rejects.toMatchObject({ data: { count: 2, names: ['a.dmp', 'b.dmp'] } });
  });

  it('with very many dumps names the first ten', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}.dmp`, makeDump(20)]));
    await expect(open(zipSync(many))).rejects.toEqual(
      failing('ARCHIVE_MANY_DUMPS', '50 kernel dumps: 0.dmp, 1.dmp'),
    );
    await expect(open(zipSync(many))).rejects.toEqual(failing('ARCHIVE_MANY_DUMPS', '9.dmp and 40 more'));
  });

  it('without a dump says what it has', async () => {
    await expect(open(zipSync({ 'readme.txt': readme }))).rejects.toEqual(
      failing('ARCHIVE_NO_DUMP', 'it has readme.txt'),
    );
    await expect(open(zipSync({}))).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'no files'));
    await expect(open(zipSync({ 'short.dmp': ascii('PAGEDU6') }))).rejects.toEqual(
      failing('ARCHIVE_NO_DUMP'),
    );
    const nested = zipSync({ 'inner.zip': zipSync({ 'a.dmp': dump }), 'readme.txt': readme });
    await expect(open(nested)).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'inner.zip (a zip archive)'));
  });

  it('with a user-mode minidump is refused as such, but it does not hide a kernel dump', async () => {
    const user = makeDump(100, 'MDMP\x93\xa7\0\0');
    await expect(open(zipSync({ 'app.dmp': user }))).rejects.toEqual(
      failing('DUMP_USER_MINIDUMP', 'app.dmp'),
    );
    expect(await contentOf(zipSync({ 'app.dmp': user, 'a.dmp': dump }))).toEqual(dump);
  });

  it.each([
    ['encrypted', { flags: 1 }, 'a.dmp in the zip archive is encrypted'],
    ['encrypted with AES', { flags: 1, method: 99 }, 'a.dmp in the zip archive is encrypted'],
    ['packed with LZMA', { method: 14 }, 'LZMA (method 14)'],
    ['packed with Zstandard', { method: 93 }, 'Zstandard (method 93)'],
    ['packed in an unknown way', { method: 77 }, 'an unknown method (method 77)'],
  ])('with files that are %s is unsupported', async (_, how, words) => {
    const locked = { name: 'a.dmp', data: dump, ...how };
    await expect(open(makeZip([{ name: 'readme.txt', data: readme }, locked]))).rejects.toEqual(
      failing('ARCHIVE_UNSUPPORTED', words),
    );
    expect(await contentOf(makeZip([locked, { name: 'b.dmp', data: dump }]))).toEqual(dump);
  });

  it('of several parts is unsupported', async () => {
    const whole = makeZip([{ name: 'a.dmp', data: dump }]);
    await expect(open(join(ascii('PK\x07\x08'), whole))).rejects.toEqual(
      failing('ARCHIVE_UNSUPPORTED', 'split'),
    );
    const lastPart = makeZip([{ name: 'a.dmp', data: dump }], { part: 3, base: 1e6 });
    await expect(open(lastPart)).rejects.toEqual(failing('ARCHIVE_UNSUPPORTED', 'split'));
  });

  it.each<[string, Partial<File>, string]>([
    ['another CRC-32', { crc: 1 }, 'the CRC-32 of a.dmp'],
    ['another CRC-32, stored', { crc: 1, method: 0 }, 'the CRC-32 of a.dmp'],
    ['a smaller size', { size: dump.length - 1 }, 'a.dmp has not the size'],
    ['a larger size', { size: dump.length + 1 }, 'a.dmp has not the size'],
    ['an absurd size', { size: 2 ** 60, wide: true }, 'a.dmp has not the size'],
    ['less packed data', { packedSize: 100 }, 'stops in the middle'],
    ['more packed data than there is', { packedSize: 1e6 }, 'runs over its directory'],
    ['an absurd packed size', { packedSize: 2 ** 63, wide: true }, 'runs over its directory'],
    ['an offset elsewhere', { offset: 3 }, 'not where its directory says'],
    ['an offset outside the file', { offset: 2 ** 62, wide: true }, 'not where its directory says'],
  ])('is damaged where the directory has %s', async (_, how, words) => {
    const zip = makeZip([
      { name: 'readme.txt', data: readme },
      { name: 'a.dmp', data: dump, ...how },
    ]);
    await expect(open(zip)).rejects.toEqual(failing('ARCHIVE_DAMAGED', words));
  });

  it('does not inflate more than the directory says', async () => {
    const bomb = makeZip([{ name: 'a.dmp', data: join(dump, new Uint8Array(32 << 20)), size: dump.length }]);
    const unpacking = unpackDump(new BufferSource(bomb), { makeSink: () => new MemorySink(1 << 20) });
    await expect(unpacking).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'size'));
  });

  it.each<[string, Shape]>([
    ['has more files', { count: 3 }],
    ['has fewer files', { count: 1 }],
    ['is cut short', { directorySize: 60 }],
    ['is empty', { directorySize: 0 }],
  ])('is damaged where the end record says that the directory %s', async (_, shape) => {
    const zip = makeZip(
      [
        { name: 'readme.txt', data: readme },
        { name: 'b.txt', data: readme },
      ],
      shape,
    );
    await expect(open(zip)).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'directory breaks off'));
  });

  it('is damaged without its end', async () => {
    const zip = makeZip([{ name: 'a.dmp', data: dump }]);
    await expect(open(zip.subarray(0, zip.length - 1))).rejects.toEqual(
      failing('ARCHIVE_DAMAGED', 'directory is missing'),
    );
    await expect(open(zip.subarray(0, 4))).rejects.toEqual(
      failing('ARCHIVE_DAMAGED', 'directory is missing'),
    );
  });

  it('is opened although another file in it is damaged', async () => {
    expect(
      await contentOf(
        makeZip([
          { name: 'readme.txt', data: readme, offset: 7 },
          { name: 'a.dmp', data: dump },
        ]),
      ),
    ).toEqual(dump);
  });

  it('may have more files than an end record without zip64 can count', async () => {
    const small = Object.fromEntries(
      Array.from({ length: 65_540 }, (_, i) => [String(i), new Uint8Array(0)]),
    );
    const zip = zipSync({ ...small, 'a.dmp': dump }, { level: 0 });
    expect(await contentOf(zip)).toEqual(dump);
  });
});
