import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as lab from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { loadImage, machineWithModules } from '../../../../test/more-modules.mjs';
import { BufferSource, openSession, runToEnd } from '../index.ts';
import { type ExceptionDirectory, type RuntimeFunction, readExceptionDirectory } from '../pe/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { disassemble, disassembleBefore, type FunctionListing, listFunction } from './index.ts';

const systemOf = async (machine: lab.Machine): Promise<CrashedSystem> =>
  (await openSession(new BufferSource(lab.dumpBytes(machine, { type: 'full' })))).system;

/** Addresses of the bytes of all instructions. */
function bytesOf({ blocks }: FunctionListing): Set<bigint> {
  const bytes = new Set<bigint>();
  for (const { address, length, instruction } of blocks.flatMap(({ rows }) => rows))
    if (instruction !== undefined) for (let at = 0; at < length; at++) bytes.add(address + BigInt(at));
  return bytes;
}

describe('functions of made-up machines', () => {
  it.each(['x64', 'arm64'] as const)(
    '%s: each is listed whole, from any of its bytes',
    async (architecture) => {
      const machine = lab.buildMachine({ architecture });
      const system = await systemOf(machine);
      for (const { image } of machine.images.list) {
        const functions = [...image.functions];
        const partsOf = (name: string) =>
          functions.filter(({ spec }) => spec.name === name || spec.unwind?.chainTo === name);
        for (const { spec, address, size } of functions.filter(
          ({ spec: { unwind } }) => unwind !== undefined,
        )) {
          const parts = partsOf(spec.unwind!.chainTo ?? spec.name);
          const wanted = parts.flatMap((part) =>
            Array.from({ length: part.size }, (_, at) => part.address + BigInt(at)),
          );
          const inside =
            address + BigInt(size >> 1) - (architecture === 'arm64' ? BigInt((size >> 1) % 4) : 0n);
          for (const va of [address, inside]) {
            const listing = runToEnd(listFunction(system, va));
            expect(listing, spec.name).toMatchObject({ knownBy: 'function table', problems: [] });
            expect(listing.start).toBe(parts[0]!.address);
            expect(bytesOf(listing), spec.name).toEqual(new Set(wanted));
          }
        }
      }
    },
  );
});

describe('code before an address', () => {
  it.each(['x64', 'arm64', 'x86'] as const)('%s: is what is listed forwards', async (architecture) => {
    const machine = lab.buildMachine({ architecture });
    const system = await systemOf(machine);
    for (const { image } of machine.images.list)
      for (const { address, size } of image.functions) {
        const rows = disassemble(system, address, { count: 0x100, end: address + BigInt(size) });
        const end = address + BigInt(rows.reduce((sum, { length }) => sum + length, 0));
        const before = disassembleBefore(system, end, rows.length);
        const guessed = before.knownBy === undefined;
        if (!guessed) expect(before.rows).toEqual(rows);
        // Only x86 drivers have neither function tables nor exports.
        expect(guessed && architecture !== 'x86').toBe(false);
      }
  });

  it('ends where bytes are missing and where a section begins', async () => {
    const machine = lab.buildMachine();
    const system = await systemOf(machine);
    const { base } = machine.images.list[0]!.image.spec;
    const first = disassembleBefore(system, base + 0x1010n, 0x20);
    expect(first.rows[0]!.address).toBe(base + 0x1000n);
    expect(disassembleBefore(system, base, 4).rows).toEqual([]);
    expect(disassembleBefore(system, 0n, 4).rows).toEqual([]);
  });
});

const driver = (machine: string) =>
  fileURLToPath(
    new URL(`../../../../../shared/pdbs/systeminformer/${machine}/systeminformer.sys`, import.meta.url),
  );

describe.skipIf(!existsSync(driver('amd64')))('functions of a real driver (needs ../shared)', () => {
  const base = 0xfffff804_77000000n;

  /** Every third function: its listing, and how much of its bytes is in it. */
  async function listingsOf(architecture: lab.Architecture, folder: string) {
    const bytes = loadImage(readFileSync(driver(folder)), base);
    const system = await systemOf(
      machineWithModules(lab, { architecture }, [{ name: 'systeminformer.sys', base, bytes }]),
    );
    const table = readExceptionDirectory(system.symbols.moduleAt(base)!.image) as ExceptionDirectory;
    const listings: FunctionListing[] = [];
    let [covered, total] = [0, 0];
    for (let index = 0; index < table.count; index += 3) {
      const { begin, end } = table.functionAt(index) as RuntimeFunction;
      const listing = runToEnd(listFunction(system, base + BigInt(begin)));
      const got = bytesOf(listing);
      for (let at = begin; at < end; at++) if (got.has(base + BigInt(at))) covered++;
      total += end - begin;
      listings.push(listing);
    }
    return { listings, uncovered: total - covered, total };
  }

  it('lists x64 functions whole, but for padding', async () => {
    const { listings, uncovered, total } = await listingsOf('x64', 'amd64');
    expect(listings.length).toBe(149);
    expect(listings.flatMap(({ problems }) => problems)).toEqual([]);
    expect(uncovered).toBeLessThan(total / 100);
  });

  it('lists arm64 functions whole, but for constants and tables in between', async () => {
    const { listings, uncovered, total } = await listingsOf('arm64', 'arm64');
    expect(listings.length).toBe(129);
    let reported = 0;
    for (const problem of listings.flatMap(({ problems }) => problems)) {
      expect(problem).toMatch('no branch leads there and they are no clean code');
      reported += Number.parseInt(problem, 10);
    }
    // What is not listed is named, but for padding.
    expect(uncovered - reported).toBeGreaterThanOrEqual(0);
    expect(uncovered - reported).toBeLessThan(total / 100);
    expect(reported).toBeLessThan(total / 10);
    const rows = listings.flatMap(({ blocks }) => blocks.flatMap((block) => block.rows));
    expect(rows.filter(({ instruction }) => instruction === undefined)).toEqual([]);
  });
});
