import {
  BufferSource,
  type Line,
  lineText,
  openSession,
  type Session,
  type SymbolSource,
} from '@poolscope/engine';
import { buildMachine, dumpBytes, type Machine } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PlannedBlock, poolPage } from '../../packages/engine/test/pool-page.ts';
import { isfBytes } from '../../packages/engine/test/symbol-files.ts';
import { hasShared, sharedText } from '../shared-files.ts';

const goodPage = 0xffff_fa80_03f4_2000n;
const badPage = 0xffff_fa80_01a1_b000n;
const specialPage = 0xffff_f980_0b5f_e000n;
const build = 9200;

/** What the article prints for a command, line by line. */
function printed(text: string, command: string): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line === `kd> ${command}`);
  expect(from, command).toBeGreaterThan(0);
  const rest = lines.slice(from + 1);
  return rest.slice(
    0,
    rest.findIndex((line) => /^(?:kd> |## )/.test(line)),
  );
}

/** Blocks of a page out of the lines that list them. */
function blocksOf(lines: readonly string[]): PlannedBlock[] {
  return lines.flatMap((line) => {
    const [, size, state, tag] = / size: (\w+) previous size: \w+ \((\w+)\) \*?(.*)$/.exec(line) ?? [];
    if (size === undefined || tag === undefined) return [];
    return [{ tag, size: Number.parseInt(size, 16), type: state === 'Free' ? 0 : 2 }];
  });
}

/** The damaged page: one block whose owner wrote on, as far as the article prints its bytes. Zeros follow. */
function damagedPage(): Uint8Array {
  const bytes = new Uint8Array(0x1000);
  bytes.set(poolPage(8, badPage, [{ tag: 'None', size: 0x810 }]).subarray(0, 0x10));
  bytes.fill(0x4f, 0x10, 0x838);
  bytes.set(new TextEncoder().encode('VERFLOW'), 0x838);
  return bytes;
}

/** A block of 0x800 bytes at the end of its page, made by the verifier, and filled with one byte. */
function specialBlock(): Uint8Array {
  const bytes = new Uint8Array(0x1000).fill(0x6d);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x006d_4800, true);
  view.setUint32(4, 0x7061_7257, true);
  view.setBigUint64(8, 0n, true);
  return bytes;
}

/** Symbols of the kernel, which tell where its table of large allocations is. */
function symbolsOf({ truth }: Machine): SymbolSource {
  const nt = truth.modules.find(({ module }) => module === 'nt')!;
  const rva = (name: string): number => Number(nt.symbols.get(name)! - nt.base);
  const { guid, age, name: database } = nt.pdb;
  const symbols = {
    PoolBigPageTable: rva('NonPagedPoolFreeList'),
    PoolBigPageTableSize: rva('KdPrintRolloverCount'),
  };
  const content = { guid: guid.replaceAll('-', '').toUpperCase(), age, database, symbols, types: {} };
  const file = { kind: 'isf', location: 'nt.json', source: new BufferSource(isfBytes(content)) } as const;
  return {
    path: 'symbols',
    find: ({ module }, kind) => Promise.resolve(module === 'nt' && kind === 'isf' ? file : undefined),
    async *candidates() {
      yield* await Promise.resolve([]);
    },
  };
}

async function openArticle(text: string): Promise<Session> {
  const blocks = blocksOf(printed(text, '!pool fffffa8003f42000'));
  const machine = buildMachine({
    prepare: ({ space }) => {
      for (const [at, bytes] of [
        [goodPage, poolPage(8, goodPage, blocks)],
        [badPage, damagedPage()],
        [0xffff_fa80_0100_0000n, bigTable()],
        [specialPage, specialBlock()],
      ] as const) {
        space.allocate(at, bytes.length, { writable: true });
        space.write(at, bytes);
      }
    },
  });
  const word = (name: string, value: bigint): void => {
    const bytes = new Uint8Array(new BigUint64Array([value]).buffer);
    machine.space.write(machine.truth.modules[0]!.symbols.get(name)!, bytes);
  };
  word('NonPagedPoolFreeList', 0xffff_fa80_0100_0000n);
  word('KdPrintRolloverCount', 0x10n);
  const dump = dumpBytes(
    { ...machine, header: { ...machine.header, minorVersion: build } },
    { type: 'full' },
  );
  const poolTags = sharedText('data/pooltag.txt');
  return openSession(new BufferSource(dump), { symbols: symbolsOf(machine), poolTags });
}

/** Sixteen entries of 0x18 bytes, of which one is in use: 0x3000 bytes at fffffa8002000000. */
function bigTable(): Uint8Array {
  const bytes = new Uint8Array(16 * 0x18);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(5 * 0x18, 0xffff_fa80_0200_0000n, true);
  view.setUint32(5 * 0x18 + 8, 0x676c_3256, true);
  view.setBigUint64(5 * 0x18 + 0x10, 0x3000n, true);
  // Freed: bit 0 of the address.
  view.setBigUint64(6 * 0x18, badPage | 1n, true);
  view.setBigUint64(6 * 0x18 + 0x10, 0x1000n, true);
  return bytes;
}

/** Our own lines stand in another colour: what is compared is the debugger's part. */
const isOurs = (line: Line): boolean =>
  line.length > 0 && line.every((part) => typeof part !== 'string' && part.style === 'dim');

const tokens = (lines: readonly string[]): string[] => lines.join(' ').split(/\s+/).filter(Boolean);

const answer = (session: Session, command: string): string[] =>
  session
    .execute(command)
    .lines.filter((line) => !isOurs(line))
    .map(lineText);

describe.skipIf(!hasShared)('pages of pool in the article', () => {
  let text: string;
  let session: Session;
  beforeAll(async () => {
    text = sharedText('data/article-transcripts.txt');
    session = await openArticle(text);
  });

  it('a healthy page is listed as the article lists it', () => {
    const command = '!pool fffffa8003f42000';
    expect(tokens(answer(session, command))).toEqual(tokens(printed(text, command)));
  });

  it('a damaged page is reported as in the article, but for the extent, which is our own', () => {
    const command = '!pool fffffa8001a1b820';
    // Where the copy of the article cuts lines off, they are whole here.
    const expected = tokens(
      printed(text, command).map((line) =>
        line
          .replace(
            /^if the entire page.*$/,
            'if the entire page is actually part of a large page allocation...',
          )
          .replace(
            /checking large$/,
            // This dump holds no such table, and says so.
            'checking large session pool... Unable to read large session pool table (where it is, is not known)',
          )
          .replace(/^Analyzing$/, 'Analyzing linked list...')
          .replace(/^Scanning for single$/, 'Scanning for single bit errors...')
          .replace(
            /^\[ \w+ --> \w+ \(size = 0x10 bytes\)\]/,
            '[ fffffa8001a1b810 --> fffffa8001a1c000 (size = 0x7f0 bytes)]',
          ),
      ),
    );
    expect(tokens(answer(session, command))).toEqual(expected);
  });

  it('special pool is shown as in the article: the block, and the page that guards it', () => {
    const guard = '!pool fffff9800b5ff000';
    expect(tokens(answer(session, guard))).toEqual(tokens(printed(text, guard)));
    const block = '!pool fffff9800b5ff000-1000';
    // The copy of the article lost what is in the parentheses.
    const expected = printed(text, block).map((line) =>
      line.replace('Unknown ()', 'Unknown (update pooltag.txt)'),
    );
    expect(tokens(answer(session, block))).toEqual(tokens(expected));
  });

  it('an address in a large allocation is told from the table', () => {
    expect(answer(session, '!pool fffffa8002001234').slice(1)).toEqual([
      '*fffffa8002000000 : large page allocation, tag is V2lg, size is 0x3000 bytes',
      '\t\tPooltag V2lg : VHD2 core large allocation, Binary : vhdmp.sys',
    ]);
  });

  it('the tag of the allocation without a tag is known', () => {
    expect(session.console.poolTags.find('None')).toMatchObject({
      binary: undefined,
      description: 'call to ExAllocatePool',
    });
  });
});
