import { describe, expect, it } from 'vitest';
import { padHex } from '../../packages/engine/src/base/index.ts';
import { cellFormats, memoryRows, rowLine } from '../../packages/engine/src/commands/memory-rows.ts';
import { lineText } from '../../packages/engine/src/commands/output.ts';
import { renderTranslation } from '../../packages/engine/src/commands/pte-text.ts';
import { entryAddress, PagedMemory } from '../../packages/engine/src/mmu/index.ts';
import type { CrashedSystem } from '../../packages/engine/src/system/index.ts';
import { HandBuiltMemory, root, x64 } from '../../packages/engine/test/hand-built-memory.ts';
import { hasShared, sharedText } from '../shared-files.ts';

const folder = 'logs/pool-cases/';
const names = [
  'BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_ExFreePoolWithTag.md',
  'BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_MmFreeContiguousMemory.md',
  'KERNEL_MODE_HEAP_CORRUPTION_0x13a_Misuse_of_RtlZeroMemory_Leading_to_B.md',
  'PAGE_FAULT_IN_NONPAGED_AREA_0x50_Buffer_Overflow_in_misuse_of_RtlCopyM.md',
];
const logs = hasShared ? names.map((name) => sharedText(folder + name)) : [];

/** What the real debugger printed for a command, up to the end of the block. */
function outputsOf(command: RegExp): string[][] {
  const outputs: string[][] = [];
  for (const log of logs) {
    const lines = log.split(/\r?\n/);
    for (const [index, line] of lines.entries()) {
      if (!/^\d: kd> /.test(line) || !command.test(line.slice(7))) continue;
      const end = lines.findIndex((each, at) => at > index && /^(?:```|\d: kd> |$)/.test(each));
      outputs.push(lines.slice(index + 1, end).map((each) => each.trimEnd()));
    }
  }
  return outputs;
}

describe.skipIf(!hasShared)('layouts of the real debugger', () => {
  it('dc rows are the same, made of their own dwords', () => {
    const rows = outputsOf(/^dc /).flat();
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      const [address, ...dwords] = row.slice(0, 17 + 2 + 35).split(/ +/);
      const bytes = new Uint8Array(16);
      dwords.forEach((text, index) =>
        new DataView(bytes.buffer).setUint32(index * 4, Number.parseInt(text, 16), true),
      );
      const [made] = memoryRows(0n, bytes, new Uint8Array(16).fill(1), cellFormats.dc);
      expect(lineText(rowLine(address!, made!, cellFormats.dc)).trimEnd()).toBe(row);
    }
  });

  it('!pte blocks are the same, made of page tables with their own entries', () => {
    const blocks = outputsOf(/^!pte /);
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    for (const block of blocks) expect(pteBlock(block)).toEqual(block);
  });
});

/** Page tables that hold what a block shows, through our own walk and layout. */
function pteBlock(block: readonly string[]): string[] {
  const va = BigInt(`0x${/VA (\w{16})/.exec(block[0]!)![1]}`);
  const addresses = [...block[1]!.matchAll(/at (\w{16})/g)].map(([, text]) => BigInt(`0x${text}`));
  const values = [...block[2]!.matchAll(/contains (\w{16})/g)].map(([, text]) => BigInt(`0x${text}`));
  const built = new HandBuiltMemory(x64);
  built.limit = 2 ** 24;
  let table = root;
  for (const [level, value] of values.entries()) {
    const shift = [39n, 30n, 21n, 12n][level]!;
    built.putEntry(table + Number((va >> shift) & 0x1ffn) * 8, value);
    table = Number(value & 0xf_ffff_ffff_f000n);
  }
  const memory = new PagedMemory(built.build(), { ...x64.setup, build: 22621 });
  const base = addresses[3]! - ((va & 0xffff_ffff_ffffn) >> 12n) * 8n;
  const levels = ['PXE', 'PPE', 'PDE', 'PTE'] as const;
  const places = levels.map((level) => [level, entryAddress(memory.setup, base, va, level)!] as const);
  const system = {
    target: { pointerSize: 8 },
    plainText: (value: bigint) => padHex(value, 16),
  } as CrashedSystem;
  return renderTranslation(system, memory, va, memory.translate(va), places);
}
