import { gzipSync as nodeGzip } from 'node:zlib';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { BufferSource, type ByteSource } from '../io/index.ts';
import { MemorySink } from './dump-sink.ts';
import { unpackDump } from './unpack.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const makeDump = (size = 5000, signature = 'PAGEDU64') =>
  join(
    ascii(signature),
    Uint8Array.from({ length: size - 8 }, (_, i) => (i * i) >> 3),
  );

const open = (source: ByteSource | Uint8Array) =>
  unpackDump(source instanceof Uint8Array ? new BufferSource(source) : source, {
    makeSink: () => new MemorySink(64 << 20),
  });

async function contentOf(archive: Uint8Array): Promise<Uint8Array> {
  const { source } = await open(archive);
  const bytes = new Uint8Array(source.size);
  source.readInto(0, bytes);
  return bytes;
}

const failing = (code: string, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

/** A member with every optional header field (RFC 1952, 2.3.1). */
function withAllFields(member: Uint8Array): Uint8Array {
  const header = member.slice(0, 10);
  header[3] = 0x1f;
  const extra = join(Uint8Array.of(5, 0), ascii('extra'));
  return join(
    header,
    extra,
    ascii('MEMORY.DMP\0'),
    ascii('a comment\0'),
    Uint8Array.of(0, 0),
    member.subarray(10),
  );
}

describe('gzip', () => {
  const dump = makeDump();
  const packed = gzipSync(dump);

  it('is opened as the dump in it', async () => {
    expect(await contentOf(packed)).toEqual(dump);
    expect(await contentOf(new Uint8Array(nodeGzip(dump, { level: 1 })))).toEqual(dump);
  });

  it('tells the name in its header, if there is one', async () => {
    expect(await open(gzipSync(dump, { filename: 'MEMORY.DMP' }))).toMatchObject({
      archive: 'gz',
      entry: 'MEMORY.DMP',
    });
    expect(await open(packed)).not.toHaveProperty('entry');
  });

  it('may have every header field', async () => {
    expect(await open(withAllFields(packed))).toMatchObject({ entry: 'MEMORY.DMP' });
    expect(await contentOf(withAllFields(packed))).toEqual(dump);
  });

  it('may have several members, wherever the content is cut', async () => {
    const members = [0, 3, 3, 7, 1000].map((cut, i, cuts) => gzipSync(dump.subarray(cut, cuts[i + 1])));
    expect(await contentOf(join(...members))).toEqual(dump);
  });

  it('may be followed by zeros', async () => {
    expect(await contentOf(join(packed, new Uint8Array(10_000)))).toEqual(dump);
  });

  it.each([
    ['one zero and a byte', Uint8Array.of(0, 1)],
    ['text', ascii('some text')],
    ['a zip archive', ascii('PK\x03\x04                                ')],
  ])('is damaged when %s follows', async (_, rest) => {
    await expect(open(join(packed, rest))).rejects.toEqual(
      failing('ARCHIVE_DAMAGED', 'something else follows'),
    );
  });

  it('is damaged where the CRC-32 or the size does not match', async () => {
    const badCrc = packed.slice();
    badCrc[packed.length - 8]! ^= 1;
    await expect(open(badCrc)).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'CRC-32'));
    const badSize = packed.slice();
    badSize[packed.length - 1]! ^= 1;
    await expect(open(badSize)).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'size'));
  });

  it('is damaged where it is cut off, at any place', async () => {
    const full = withAllFields(gzipSync(makeDump(60)));
    for (let length = 2; length < full.length; length++) {
      await expect(open(full.subarray(0, length))).rejects.toEqual(
        failing('ARCHIVE_DAMAGED', 'stops in the middle'),
      );
    }
  });

  it('is unsupported with a method or flags that gzip does not define', async () => {
    const method = packed.slice();
    method[2] = 7;
    await expect(open(method)).rejects.toEqual(failing('ARCHIVE_UNSUPPORTED', 'method 7'));
    const flags = packed.slice();
    flags[3] = 0x20;
    await expect(open(flags)).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'reserved flags'));
  });

  it('without a dump is refused', async () => {
    await expect(open(gzipSync(ascii('hello')))).rejects.toEqual(
      failing('ARCHIVE_NO_DUMP', 'begins differently'),
    );
    await expect(open(gzipSync(new Uint8Array(0)))).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'empty'));
    await expect(open(gzipSync(packed))).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'a gz archive'));
    const tar = join(
      ascii('MEMORY.DMP'),
      new Uint8Array(247),
      ascii('ustar\x0000'),
      new Uint8Array(248),
      dump,
    );
    await expect(open(gzipSync(tar))).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'a tar archive'));
  });

  it('with a user-mode minidump is refused as such', async () => {
    await expect(open(gzipSync(makeDump(100, 'MDMP\0\0\0\0')))).rejects.toEqual(
      failing('DUMP_USER_MINIDUMP'),
    );
  });

  it('without a dump is not unpacked further than its beginning', async () => {
    const bomb = gzipSync(new Uint8Array(64 << 20));
    let read = 0;
    const source = new BufferSource(bomb);
    const counting: ByteSource = {
      size: bomb.length,
      readInto: (offset, target) => {
        const count = source.readInto(offset, target);
        read += count;
        return count;
      },
    };
    await expect(open(counting)).rejects.toEqual(failing('ARCHIVE_NO_DUMP'));
    expect(bomb.length).toBeGreaterThan(60_000);
    expect(read).toBeLessThan(5000);
  });

  it('that unpacks to more than there is room for is too large', async () => {
    const bomb = gzipSync(join(dump, new Uint8Array(4 << 20)));
    const unpacking = unpackDump(new BufferSource(bomb), { makeSink: () => new MemorySink(1 << 20) });
    await expect(unpacking).rejects.toEqual(failing('ARCHIVE_TOO_LARGE'));
  });
});
