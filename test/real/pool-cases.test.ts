/**
 * Logs of real crashes, their printed memory rebuilt as bytes. What can not be rebuilt, and why:
 * - 0x19 double free of contiguous memory, 0x50 overflow of RtlCopyMemory: the page is not mapped, and only its page tables
 *   are printed, whose other pages are not; what `!pte` says of the last entry is compared.
 * - 0x13A: the page is of the segment heap, and no bytes of it are printed; heap-cases.test.ts rebuilds it out of its blocks.
 * - 0x139, 0x7E: no pool is printed, but records, registers and structures: heap-logs.test.ts.
 * - The threads that are quoted as facts: parameters of bug checks and single words, no page.
 */
import { BufferSource, lineText, openSession, type Session } from '@poolscope/engine';
import { buildMachine, dumpBytes, type KernelWorld } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedText } from '../shared-files.ts';

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** What a log prints for a command. */
function printed(text: string, command: string): string[] {
  const from = text.split('\n').findIndex((line) => line.endsWith(`kd> ${command}`));
  const rest = text.split('\n').slice(from + 1);
  expect(from, command).toBeGreaterThanOrEqual(0);
  return rest.slice(
    0,
    rest.findIndex((line) => line.startsWith('```')),
  );
}

/** Bytes of lines of `dc`, by address. */
function bytesOf(lines: readonly string[]): { readonly start: bigint; readonly bytes: Uint8Array } {
  const rows = lines.flatMap((line) => {
    const [, high, low, cells] = /^([\da-f]{8})`([\da-f]{8}) {2}((?:[\da-f]{8} ){4})/.exec(line) ?? [];
    return cells === undefined ? [] : [{ at: BigInt(`0x${high}${low}`), cells: words(cells) }];
  });
  const cells = rows.flatMap((row) => row.cells).map((cell) => Number.parseInt(cell, 16));
  return { start: rows[0]!.at, bytes: new Uint8Array(Uint32Array.from(cells).buffer) };
}

async function open(prepare: (world: KernelWorld) => void, build: number): Promise<Session> {
  const machine = buildMachine({ prepare });
  const header = { ...machine.header, minorVersion: build };
  return openSession(new BufferSource(dumpBytes({ ...machine, header }, { type: 'full' })));
}

const textOf = (session: Session, command: string): string[] => session.execute(command).lines.map(lineText);

const pageSize = 0x1000n;

describe.skipIf(!hasShared)('logs of real crashes', () => {
  const doubleFree = () =>
    sharedText('logs/pool-cases/BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_ExFreePoolWithTag.md');
  const page = 0xffff_bd06_d46e_0000n;
  const rebuilt = (build: number): Promise<Session> => {
    const { start, bytes } = bytesOf(printed(doubleFree(), 'dc ffffbd06d46e0000-100 l0x240/4'));
    expect(bytes).toHaveLength(0x240);
    return open(({ space }) => {
      space.allocate(page - pageSize, 0x2000, { writable: true });
      space.write(start, bytes);
    }, build);
  };

  it('0x19 double free: its memory reads as printed', async () => {
    const session = await rebuilt(22621);
    const expected = printed(doubleFree(), 'dc ffffbd06d46e0000-100 l0x240/4').filter((line) => line !== '');
    expect(textOf(session, 'dc ffffbd06d46e0000-100 l0x240/4')).toEqual(expected);
    const fields = printed(doubleFree(), 'dt nt!_POOL_HEADER ffffbd06d46e0000');
    const own = textOf(session, 'dt nt!_POOL_HEADER ffffbd06d46e0000').join('\n');
    for (const line of fields) {
      const [, name, value] = /^\s+\+0x\w+ (\w+)\s+: (?:0y\d+ \()?(0x[\da-f`]+)/.exec(line)!;
      expect(own, line).toMatch(new RegExp(`\\b${name!}\\s+: .*${value!}`));
    }
  });

  it('0x19 double free: nothing is taken for a block on the segment heap', async () => {
    const lines = textOf(await rebuilt(22621), '!pool ffffbd06d46e0000');
    expect(lines.join('\n')).not.toMatch(/\((?:Free|Allocated)/);
  });

  it('0x19 double free: read as classic pool, no header of the page makes sense', async () => {
    // The debugger goes by the first header alone, and calls the page invalid for it.
    expect(printed(doubleFree(), '!poolval ffffbd06d46e0000')).toContain(
      'Pool page [ ffffbd06d46e0000 ] is INVALID.',
    );
    const own = textOf(await rebuilt(9200), '!poolval ffffbd06d46e0000').join('\n');
    expect(own).toContain('Pool page [ ffffbd06d46e0000 ] has no header that makes sense');
  });

  it.each([
    [
      'BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_MmFreeContiguousMemory.md',
      '!pte ffffc48068d7d000',
      0xffff_c480_68d7_d000n,
    ],
    [
      'PAGE_FAULT_IN_NONPAGED_AREA_0x50_Buffer_Overflow_in_misuse_of_RtlCopyM.md',
      '!pte ffffe5068d8a4000',
      0xffff_e506_8d8a_4000n,
    ],
  ])('%s: the entry of the page reads as printed', async (file, command, va) => {
    const lines = printed(sharedText(`logs/pool-cases/${file}`), command);
    const column = (line: string | undefined): string => line!.slice(81).trim();
    const value = BigInt(`0x${column(lines[2]).replace('contains ', '')}`);
    const session = await open(({ space }) => {
      space.allocate(va + pageSize, 0x1000, { writable: true });
      space.plant(va, value);
    }, 22621);
    const own = textOf(session, command);
    expect(own[0]).toBe(lines[0]!.trimEnd());
    expect(own.slice(2).map((line) => line.slice(81).trim())).toEqual(lines.slice(2).map(column));
  });
});
