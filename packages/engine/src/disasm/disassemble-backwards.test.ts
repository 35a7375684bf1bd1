import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { FileImage, ImageProblem, type ImageReader, readExceptionDirectory } from '../pe/index.ts';
import { type Disassembler, disassembleBackwards, loadDisassembler } from './index.ts';

/** Instructions of a real driver, in order; 52 bytes. */
const driverCode = [
  '488b4db7',
  '488d45cf',
  '4c89742440',
  '4533c9',
  '4c89742438',
  '4533c0',
  '895c2430',
  '33d2',
  '48897c2428',
  '4889442420',
  'ff158f0e0000',
  'ba31427257',
  '488bcf',
];
const bytesOf = (hex: readonly string[]): Uint8Array =>
  Uint8Array.from(hex.join('').match(/../g)!, (digits) => Number.parseInt(digits, 16));

const start = 0xfffff807_3d051173n;
const code = bytesOf(driverCode);
const end = start + BigInt(code.length);

describe('disassembleBackwards', () => {
  let x64: Disassembler;
  beforeAll(async () => {
    x64 = await loadDisassembler('x64');
  });

  const lengths = (hex: readonly string[]) => hex.map((text) => text.length / 2);

  it('finds the instructions before an address by voting, and does not call that certain', () => {
    const { instructions, certain } = disassembleBackwards(x64, code, start, end, 8);
    expect(instructions.map(({ length }) => length)).toEqual(lengths(driverCode.slice(-8)));
    expect(instructions.at(-1)!.address).toBe(end - 3n);
    expect(certain).toBe(false);
  });

  it('is certain from a function start', () => {
    const { instructions, certain } = disassembleBackwards(x64, code, start, end, 5, start);
    expect(instructions.map(({ length }) => length)).toEqual(lengths(driverCode.slice(-5)));
    expect(certain).toBe(true);
  });

  it('gives all there is when there is less than asked for', () => {
    expect(disassembleBackwards(x64, code, start, start + 8n, 8, start).instructions).toHaveLength(2);
  });

  it('votes when the run from the anchor does not end at the address', () => {
    // Four bytes into mov edx,57724231h: only a run that is out of step ends there.
    const inside = end - 4n;
    const { instructions, certain } = disassembleBackwards(x64, code, start, inside, 1, start);
    expect(instructions.map(({ mnemonic }) => mnemonic)).toEqual(['xor']);
    expect(certain).toBe(false);
  });

  it('has nothing for an address outside of the bytes', () => {
    for (const address of [start, start - 1n, end + 1n]) {
      expect(disassembleBackwards(x64, code, start, address, 8)).toEqual({
        instructions: [],
        certain: false,
      });
    }
    expect(disassembleBackwards(x64, code, start, end, 0).instructions).toEqual([]);
  });

  it('steps back by words on arm64 and stops at data', async () => {
    const arm64 = await loadDisassembler('arm64');
    const words = bytesOf(['00000000', 'fd7bbfa9', 'fd030091', 'c0035fd6']);
    const { instructions, certain } = disassembleBackwards(arm64, words, 0x1000n, 0x1010n, 8);
    expect(instructions.map(({ mnemonic }) => mnemonic)).toEqual(['stp', 'mov', 'ret']);
    expect(certain).toBe(true);
  });

  it('always ends in one unbroken run at the address', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        (bytes, count) => {
          const address = start + BigInt(bytes.length);
          const { instructions } = disassembleBackwards(x64, bytes, start, address, count);
          expect(instructions.length).toBeLessThanOrEqual(count);
          let next = address;
          for (const { address: at, length } of instructions.toReversed()) {
            expect(at + BigInt(length)).toBe(next);
            next = at;
          }
          expect(next).toBeGreaterThanOrEqual(start);
        },
      ),
      { numRuns: 200 },
    );
  });
});

const driver = fileURLToPath(
  new URL('../../../../../shared/pdbs/systeminformer/amd64/systeminformer.sys', import.meta.url),
);

function codeOf(image: ImageReader, rva: number, length: number): Uint8Array {
  const bytes = image.tryReadRva(rva, length);
  return bytes instanceof Fault ? bytes.got : bytes;
}

/** RVA of every instruction from a function's start on. */
function boundaries(x64: Disassembler, image: ImageReader, begin: number, behind: number): number[] {
  const found: number[] = [];
  for (let rva = begin; rva < behind; ) {
    const length = x64.decode(codeOf(image, rva, 15), BigInt(rva))?.length;
    if (length === undefined) break;
    found.push(rva);
    rva += length;
  }
  return found;
}

describe.skipIf(!existsSync(driver))('voting in the functions of a real driver', () => {
  it('finds nearly every boundary that decoding from the function start gives', async () => {
    const x64 = await loadDisassembler('x64');
    const image = new FileImage(new BufferSource(readFileSync(driver)));
    const functions = readExceptionDirectory(image);
    if (functions instanceof ImageProblem) throw new Error(functions.reason);
    const tally = { wanted: 0, found: 0 };
    for (let index = 0; index < functions.count; index++) {
      const entry = functions.functionAt(index);
      if (entry instanceof ImageProblem) throw new Error(entry.reason);
      const known = boundaries(x64, image, entry.begin, entry.end);
      const last = known.at(-1)!;
      const from = Math.max(0x1000, last - 256);
      const run = disassembleBackwards(x64, codeOf(image, from, last - from), BigInt(from), BigInt(last), 8);
      const addresses = new Set(run.instructions.map(({ address }) => Number(address)));
      const wanted = known.slice(-9, -1);
      tally.wanted += wanted.length;
      tally.found += wanted.filter((rva) => addresses.has(rva)).length;
    }
    expect(tally.wanted).toBeGreaterThan(2000);
    expect(tally.found / tally.wanted).toBeGreaterThan(0.999);
  });
});
