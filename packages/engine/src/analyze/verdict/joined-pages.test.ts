import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageSize, type Va } from '../../base/index.ts';
import { BufferSource } from '../../io/index.ts';
import { type PoolBlock, readPage, readPoolPage } from '../../pool/index.ts';
import { openSession, type Session } from '../../session.ts';

const text = 'this goes on and on, and then some more of it\0';
const inside = 24;
const badPoolHeader = 0x19;

let dump: Uint8Array;
let session: Session;
/** Two pages behind one another whose last block of the first is in use. */
let first: { readonly page: Va; readonly last: PoolBlock };

const open = (bytes: Uint8Array) => openSession(new BufferSource(bytes));

const wholeAt = (page: Va) => {
  const found = readPoolPage(session.system, page);
  return found.verdict === 'whole' ? found : undefined;
};

beforeAll(async () => {
  const machine = playScenario(scenarios.find(({ name }) => name === 'null-pointer')!, { seed: 3 });
  dump = dumpBytes(machine, { type: 'bitmap-kernel' });
  session = await open(dump);
  const start = session.system.target.readPointer(
    session.system.symbols.findAddress('nt!MmNonPagedPoolStart') ?? 0n,
  );
  const from = start ?? 0xfffff8a0_1000_0000n;
  for (let page = from; ; page += BigInt(pageSize)) {
    if (page > from + 0x40_0000n) throw new Error('no pages that fit');
    const last = wholeAt(page)?.blocks.at(-1);
    const next = wholeAt(page + BigInt(pageSize));
    if (last?.state !== 'allocated' || last.size < 0x60 || next === undefined) continue;
    first = { page, last };
    break;
  }
});

/** Where the bytes of a page are in the file. */
function offsetOf(page: Va): number {
  const { bytes } = readPage(session.system.memory, page);
  for (let at = 0; at + pageSize <= dump.length; at += pageSize)
    if (bytes.every((byte, index) => dump[at + index] === byte)) return at;
  throw new Error('the page is not in the file as it is');
}

/** The dump with the text over the seam, and a bug check that names a block. */
function written(named: Va): Uint8Array {
  const copy = dump.slice();
  const bytes = new TextEncoder().encode(text);
  copy.set(bytes.subarray(0, inside), offsetOf(first.page) + pageSize - inside);
  copy.set(bytes.subarray(inside), offsetOf(first.page + BigInt(pageSize)));
  const view = new DataView(copy.buffer);
  view.setUint32(0x38, badPoolHeader, true);
  for (const [index, value] of [0x20n, named, named, 0n].entries())
    view.setBigUint64(0x40 + 8 * index, BigInt.asUintN(64, value), true);
  return copy;
}

describe('a block at the end of a page', () => {
  it('is told when it was written past its end into the next page', async () => {
    const next = first.page + BigInt(pageSize);
    const { verdict } = (await open(written(next))).analyze().report;
    expect(verdict).toMatchObject({
      kind: 'pool-overrun',
      block: { address: session.system.hex(first.last.address), size: first.last.size },
      victims: [{ address: session.system.hex(next) }],
      damage: { start: session.system.hex(next), length: text.length - inside, pattern: 'text' },
    });
  });
});
