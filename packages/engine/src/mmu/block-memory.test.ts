import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { type AddressBlock, blockOrder } from '../dump/index.ts';
import { BlockCache, BufferSource } from '../io/index.ts';
import { BlockMemory } from './block-memory.ts';

const base = 0xfffff80000000000n;
const file = Uint8Array.from({ length: 1024 }, (_, index) => (index * 7) & 0xff);
const cache = () => new BlockCache(new BufferSource(file));

const blocks = fc.array(
  fc.record({
    kind: fc.constantFrom(...blockOrder),
    va: fc.nat(300).map((at) => base + BigInt(at)),
    size: fc.nat(80),
    offset: fc.nat(900),
  }),
  { maxLength: 12 },
);

/** The plain meaning: the first block in order of precedence that holds the address. */
function byteAt(list: readonly AddressBlock[], va: bigint): number | undefined {
  for (const kind of blockOrder) {
    for (const block of list.filter((each) => each.kind === kind)) {
      if (va >= block.va && va < block.va + BigInt(block.size))
        return file[block.offset + Number(va - block.va)];
    }
  }
  return undefined;
}

describe('BlockMemory', () => {
  it('T-3 reads every byte from the first block in order of precedence that holds it', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        const memory = new BlockMemory(cache(), list);
        for (let at = 0n; at < 400n; at += 3n) {
          const read = memory.tryRead(base + at, 1);
          expect(read instanceof Fault ? undefined : read[0]).toBe(byteAt(list, base + at));
        }
      }),
    );
  });

  it('reads the same words as bytes, also across blocks and next to holes', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        const memory = new BlockMemory(cache(), list);
        for (let at = 0n; at < 400n; at += 5n) {
          const read = memory.tryRead(base + at, 8);
          const word = memory.tryReadU64(base + at);
          if (read instanceof Fault) expect(word).toEqual(read);
          else expect(word).toBe(new DataView(read.buffer).getBigUint64(0, true));
        }
      }),
    );
  });

  it('T-4 keeps what it read before a hole and names the first missing byte', () => {
    const memory = new BlockMemory(cache(), [{ kind: 'stack', va: base, size: 10, offset: 100 }]);
    const read = memory.tryRead(base + 4n, 16);
    expect(read).toBeInstanceOf(Fault);
    const fault = read as Fault;
    expect(fault.kind).toBe('not-in-dump');
    expect(fault.at).toBe(base + 10n);
    expect([...fault.got]).toEqual([...file.subarray(104, 110)]);
  });

  it('reads across neighbouring blocks', () => {
    const memory = new BlockMemory(cache(), [
      { kind: 'data-block', va: base + 8n, size: 8, offset: 200 },
      { kind: 'data-block', va: base, size: 8, offset: 100 },
    ]);
    expect([...(memory.tryRead(base + 4n, 8) as Uint8Array)]).toEqual([
      ...file.subarray(104, 108),
      ...file.subarray(200, 204),
    ]);
    expect(memory.tryReadU32(base + 6n)).toBe(
      new DataView(
        Uint8Array.from([...file.subarray(106, 108), ...file.subarray(200, 202)]).buffer,
      ).getUint32(0, true),
    );
  });

  it('leads to the next block above a hole', () => {
    const memory = new BlockMemory(cache(), [{ kind: 'stack', va: base + 0x100n, size: 10, offset: 0 }]);
    expect(memory.nextCandidate(base)).toBe(base + 0x100n);
    expect(memory.nextCandidate(base + 0x10an)).toBeUndefined();
  });

  it('survives a block that reaches past the top of memory', () => {
    const top = 0xffff_ffff_ffff_fff0n;
    const memory = new BlockMemory(cache(), [{ kind: 'data-block', va: top, size: 64, offset: 0 }]);
    expect(memory.tryReadU64(top + 8n)).toBeTypeOf('bigint');
    expect(memory.tryRead(top, 32)).toBeInstanceOf(Fault);
  });

  it('says that the file ended when a block is cut off', () => {
    const memory = new BlockMemory(cache(), [{ kind: 'data-block', va: base, size: 64, offset: 1000 }]);
    expect((memory.tryRead(base, 64) as Fault).kind).toBe('truncated');
  });

  it('says which block and file offset provide a byte', () => {
    const memory = new BlockMemory(cache(), [{ kind: 'stack', va: base, size: 10, offset: 100 }]);
    expect(memory.findBlock(base + 9n)?.kind).toBe('stack');
    expect(memory.fileOffsetOf(base + 9n)).toBe(109);
    expect(memory.fileOffsetOf(base + 10n)).toBeUndefined();
  });
});
