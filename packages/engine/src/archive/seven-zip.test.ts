import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { BufferSource, type ByteSource } from '../io/index.ts';
import { MemorySink } from './dump-sink.ts';
import { unpackDump, unpackDumps } from './unpack.ts';

/**
 * Archives of p7zip 16.02. A dump in them is its signature and then i % 7: MEMORY.DMP 5000 bytes of PAGEDU64,
 * second.dmp 3000 of PAGEDUMP, user.mdmp 2000 of MDMP. Beside them stands readme.txt.
 */
const archives = {
  /** A folder, MEMORY.DMP and readme.txt in one LZMA stream. */
  one:
    'N3q8ryccAATiPDA2zwAAAAAAAAAiAAAAAAAAAMpDxSzgE5QAPF0AKBBFCWi95hegMLYETHFUU6P0J1iz98oUUyZwV4PNQpe2' +
    'ub8iR1W41itb7a6/g/blUUgB2yyEhO99EAAAAAAAgTMHrg/SJpj9QMCQ0v90oR+nFE+QKbMATRQwY9FQPpaZhKykllVVg+22' +
    'lXuBwznQ34ijjRgLQYGMqZeKP5o2shjW7SI3E1UGjKqwt2kLrX/eMoJF7/t5en+2QqEwh1e/QiYjrgi38c4zrcCJc5TSWka+' +
    'xPU2IZmbKp1Da9ux3Mxz/GFZQQoAAAAXBkQBCYCLAAcLAQABIwMBAQVdABAAAAyAqgoBl9yz7QAA',
  /** Each file for itself: readme.txt, second.dmp; PPMd. */
  separate:
    'N3q8ryccAASg9tBnmgAAAAAAAAAhAAAAAAAAALbyXoUAcvCCVBwm0yULQP5uP1O4AABP8BhziJ4A16vQyH0I+8zDXy+lAAAA' +
    'AAAAgTMHrjGZZzgoiMO60ydoXratIHW0sXniZJWh/jT7V/PXZV2I6vZ04QBJyPuKoIgDCaFc8pn3vAoOgp2bDJSd0s/OGNVv' +
    'iEcALqHiuQphi6pr1rl9xbtUHflXPvixXcmyybT8J06OaSQqeUQgAAAAFwYpAQlxAAcLAQABIwMBAQVdABAAAAyAjgoBnIdk' +
    'nwAA',
  /** MEMORY.DMP, second.dmp, readme.txt. */
  two:
    'N3q8ryccAAT0UGqp1wAAAAAAAAAiAAAAAAAAAEPe51ngH0wAS10AKBBFCWi95hegMLYETHFUU6P0J1iz98oUUyZwV4PNQpe2' +
    'ub8iR1W41itb7a6/g/blUUgB2yyEhO+G/ttM/Gd/kymuYndlTBdI7VYAAAAAgTMHrg/S6CW9QMCQ0v90oS+wejXTqS6Xc501' +
    'aLFuox4eSi/nT1KUBEjrICCiAe5LnLz4WhnUtuS9N7gjjhxeSgxBvGmFX9h+y1P3//xPR1++zsb3apaXoik7qPgsjuzCzAkK' +
    'thP+Vf6GHlDyxNXAu+lc8KmZbhsfmvbipIZGq8AAABcGUwEJgIQABwsBAAEjAwEBBV0AEAAADICyCgFziC+hAAA=',
  user:
    'N3q8ryccAAQaDFLUnwAAAAAAAAAgAAAAAAAAAPO/ZvrgB9wAKl0AOZlsQHQ1YjoLWfNIKM8iHQpDZ0UJju8nwRTRNUqkvILC' +
    'sF0h37PCjGcAAAAAgTMHrg/RHxk0oJCgd17FQBigPUqLAinPypSOvoKJTs1Wqhje+gkReZG9FD94AdvxukUrJ1I4SOpoDvoV' +
    '4FFD9iogEkkPajS9VmvolDv934yipFNwV43batF4wY8iOL01EvaDfEdOfYYAAAAXBjIBCW0ABwsBAAEjAwEBBV0AEAAADH4K' +
    'AW5OTRMAAA==',
  none:
    'N3q8ryccAASvyakZEQAAAAAAAABiAAAAAAAAAGCqf5oBAAxzZWUgdGhlIGR1bXAKAAEEBgABCREABwsBAAEhIQEADA0ACAoB' +
    'YXKwGQAABQEZDAAAAAAAAAAAAAAAABEXAHIAZQBhAGQAbQBlAC4AdAB4AHQAAAAZBAAAAAAUCgEAAIA+1d6xnQEVBgEAIICk' +
    'gQAA',
  /** MEMORY.DMP with a password. */
  locked:
    'N3q8ryccAAQm3tNuQAAAAAAAAAByAAAAAAAAALybqLskGzDtNkW8jsUha6h1of86iVcY82iqU2SQoajuWoY+6nPGSpnOrbFE' +
    'tzizeeCYu055rvaQiy9QK3t4ZkC80LdeAQQGAAEJQAAHCwEAAiQG8QcBElMPVoAsik+bMoAQy04+fglaUyEhAQEBAAw2k4gA' +
    'CAoBpeLcfAAABQEZABEXAE0ARQBNAE8AUgBZAC4ARABNAFAAAAAZBAAAAAAUCgEAAIA+1d6xnQEVBgEAIICkgQAA',
  /** MEMORY.DMP with a password for the list of files too. */
  hidden:
    'N3q8ryccAASw51ruwAAAAAAAAAAvAAAAAAAAAF5jUAjlUDb6GFunrKZh1asfyu4YS5xqUFyJuDh1zGh0vBV4eYYaNu+bkcin' +
    'ssaXOa8M1nmnISRxtZ3ENKEQYCNgIaoKt2OH3TxHONIwW0VteRXc8NoxN6EL9oPkLoRTWOLF0f6Q3XHrW9a8M7Y7rSYG8ZMT' +
    '+G++lwbd/iikAyGtSS8pGfw3QaTL/1ShTYq+ouGAOAm+205X/SUrY5VqLE8SRTAYilY+jg1FZ4l++uimSJaVwtPs13GgTuJX' +
    'FCBRovrSCsMXBkABCYCAAAcLAQABJAbxBwESUw+dSXbC9oa4REnHL2MCdfGFDHIKASzuEdMAAA==',
};

const bytesOf = (name: keyof typeof archives) =>
  Uint8Array.from(atob(archives[name]), (character) => character.charCodeAt(0));

const makeDump = (signature: string, size: number) =>
  Uint8Array.from({ length: size }, (_, i) => (i < signature.length ? signature.charCodeAt(i) : i % 7));

const open = (source: ByteSource | Uint8Array, limit = 1 << 20) =>
  unpackDump(source instanceof Uint8Array ? new BufferSource(source) : source, {
    makeSink: () => new MemorySink(limit),
  });

async function contentOf(archive: Uint8Array): Promise<Uint8Array> {
  const { source } = await open(archive);
  const bytes = new Uint8Array(source.size);
  source.readInto(0, bytes);
  return bytes;
}

const failing = (code: string, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

describe('7z', () => {
  it('is opened as the dump in it, beside other files and folders', async () => {
    expect(await contentOf(bytesOf('one'))).toEqual(makeDump('PAGEDU64', 5000));
    expect(await open(bytesOf('one'))).toMatchObject({ archive: '7z', entry: 'MEMORY.DMP' });
  });

  it('may pack each file for itself', async () => {
    expect(await contentOf(bytesOf('separate'))).toEqual(makeDump('PAGEDUMP', 3000));
  });

  it('with two dumps names them, and keeps neither', async () => {
    let discarded = 0;
    const sink = new MemorySink(1 << 20);
    const makeSink = () => Object.assign(sink, { discard: () => discarded++ });
    await expect(unpackDump(new BufferSource(bytesOf('two')), { makeSink })).rejects.toEqual(
      failing('ARCHIVE_MANY_DUMPS', '2 kernel dumps: MEMORY.DMP, second.dmp'),
    );
    expect(discarded).toBe(1);
  });

  it('gives each of several dumps where all are asked for', async () => {
    const found: [string | undefined, number][] = [];
    const options = { makeSink: () => new MemorySink(1 << 20) };
    for await (const { source, entry } of unpackDumps(new BufferSource(bytesOf('two')), options)) {
      const bytes = new Uint8Array(source.size);
      source.readInto(0, bytes);
      const expected = entry === 'MEMORY.DMP' ? makeDump('PAGEDU64', 5000) : makeDump('PAGEDUMP', 3000);
      expect(bytes).toEqual(expected);
      found.push([entry, source.size]);
    }
    expect(found).toEqual([
      ['MEMORY.DMP', 5000],
      ['second.dmp', 3000],
    ]);
    const none = unpackDumps(new BufferSource(bytesOf('none')), options);
    await expect(none.next()).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'it has readme.txt'));
  });

  it('without a dump says what it has', async () => {
    await expect(open(bytesOf('none'))).rejects.toEqual(failing('ARCHIVE_NO_DUMP', 'it has readme.txt'));
  });

  it('with a user-mode minidump is refused as such', async () => {
    await expect(open(bytesOf('user'))).rejects.toEqual(failing('DUMP_USER_MINIDUMP', 'user.mdmp'));
  });

  it('with a password is unsupported', async () => {
    await expect(open(bytesOf('locked'))).rejects.toEqual(failing('ARCHIVE_UNSUPPORTED', 'encrypted'));
    await expect(open(bytesOf('hidden'))).rejects.toEqual(failing('ARCHIVE_UNSUPPORTED', 'encrypted'));
  });

  it('is damaged where a byte of its data or of its list of files changed', async () => {
    const archive = bytesOf('one');
    for (const at of [40, 80, 200, archive.length - 10]) {
      const changed = archive.slice();
      changed[at]! ^= 0x10;
      await expect(open(changed)).rejects.toEqual(failing('ARCHIVE_DAMAGED'));
    }
  });

  it('is damaged where it is cut off', async () => {
    const archive = bytesOf('one');
    for (const length of [8, 31, 32, 100, archive.length - 1]) {
      await expect(open(archive.subarray(0, length))).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'cut off'));
    }
  });

  it('is damaged where its first 32 bytes do not match their checksum', async () => {
    const changed = bytesOf('one');
    changed[20]! ^= 1;
    await expect(open(changed)).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'CRC-32 of its header'));
  });

  it('that unpacks to more than there is room for is too large', async () => {
    await expect(open(bytesOf('one'), 4000)).rejects.toEqual(failing('ARCHIVE_TOO_LARGE'));
  });

  it('over a gigabyte is too large, before any of it is read', async () => {
    const first = bytesOf('one').subarray(0, 8);
    const offsets = new Set<number>();
    const source: ByteSource = {
      size: 2 ** 30 + 1,
      readInto: (offset, target) => {
        offsets.add(offset);
        target.set(first.subarray(0, target.length));
        return target.length;
      },
    };
    await expect(open(source)).rejects.toEqual(failing('ARCHIVE_TOO_LARGE', '1073741825 bytes'));
    expect([...offsets]).toEqual([0]);
  });

  it('is damaged where the file became shorter while it was read', async () => {
    const archive = bytesOf('one');
    const source = new BufferSource(archive);
    const shrunk: ByteSource = {
      size: archive.length + 10,
      readInto: (offset, target) => source.readInto(offset, target),
    };
    await expect(open(shrunk)).rejects.toEqual(failing('ARCHIVE_DAMAGED', 'became shorter'));
  });

  it('is unpacked by the decoder that the host has read', async () => {
    const path = createRequire(import.meta.url).resolve('libarchive-wasm/dist/libarchive.wasm');
    let loaded = 0;
    const { source } = await unpackDump(new BufferSource(bytesOf('one')), {
      makeSink: () => new MemorySink(1 << 20),
      loadWasm: async () => {
        loaded++;
        return readFile(path);
      },
    });
    expect({ loaded, size: source.size }).toEqual({ loaded: 1, size: 5000 });
  });

  it('says when its decoder cannot be loaded', async () => {
    const unpacking = unpackDump(new BufferSource(bytesOf('one')), {
      makeSink: () => new MemorySink(1 << 20),
      loadWasm: () => Promise.reject(new Error('offline')),
    });
    await expect(unpacking).rejects.toEqual(failing('ARCHIVE_UNSUPPORTED', 'could not be loaded'));
  });
});
