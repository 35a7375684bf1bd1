import { buildMachine, dumpBytes, type Machine } from '@poolscope/lab';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LabPdbOptions, writeLabPdb } from '../../test/lab-pdb.ts';
import { symbolFile, TestSymbols } from '../../test/symbol-files.ts';
import { Fault, signExtend32 } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import { BufferSource } from '../io/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { ImageReader } from '../pe/index.ts';
import { openSession, type Session } from '../session.ts';
import { walkThreadStacks } from '../system/index.ts';
import { type Frame, walkStack } from './index.ts';

/*
 * The lab's x86 kernel waits in functions without a frame pointer. Its symbols are written by the test, in both forms that
 * program databases have for frames.
 */

const open = (machine: Machine, options: LabPdbOptions): Promise<Session> => {
  const files = machine.images.list.map(({ image }) => [
    `${image.spec.module} pdb`,
    symbolFile('pdb', image.spec.pdb.name, writeLabPdb(image, options)),
  ]);
  return openSession(new BufferSource(dumpBytes(machine, { type: 'full' })), {
    symbols: new TestSymbols(Object.fromEntries(files)),
  });
};

const waitingOf = ({ truth }: Machine) =>
  truth.processes.flatMap(({ threads }) => threads).filter(({ frames }) => frames !== undefined);

const placeOf = ({ ip, sp }: Pick<Frame, 'ip' | 'sp'>): string => `${ip.toString(16)} ${sp.toString(16)}`;

type Truth = { readonly registers: Readonly<Record<string, bigint>> };

/** The truth has no segment registers. */
const generalName = /^e../;

function expectRegisters(found: readonly Frame[], truth: readonly Truth[]): void {
  found.forEach(({ registers }, index) => {
    for (const [name, value] of registers.entries()) {
      if (!generalName.test(name)) continue;
      const expected = BigInt.asUintN(32, truth[index]!.registers[name]!);
      expect([index, name, value]).toEqual([index, name, expected]);
    }
  });
}

const known = ({ registers }: Frame): string[] =>
  [...registers.entries()].map(([name]) => name).filter((name) => /^e(bx|si|di|bp)$/.test(name));

const forms = [{ frames: 'programs' }, { frames: 'sizes' }] as const;

describe.each(forms)('frames of x86 by frame data as $frames', (options) => {
  it('U-49 a thread that waits has its true frames, from functions without frame pointers on', async () => {
    const machine = buildMachine({ architecture: 'x86' });
    const { system } = await open(machine, options);
    const stacks = new Map([...walkThreadStacks(system)].map(({ thread, frames }) => [thread, frames]));
    const waiting = waitingOf(machine);
    expect(waiting.length).toBeGreaterThan(3);
    for (const { address, frames } of waiting) {
      const found = stacks.get(address)!;
      // The registers to begin with are the stack pointer and where it goes on: the switch keeps no others.
      expect(found.map(placeOf)).toEqual(frames!.map(placeOf));
      expect(system.symbols.nameOf(found[0]!.ip)).toMatch(/^nt!KiSwapContext\+/);
      const kernel = found.filter((_, index) => index > 0 && frames![index]!.leftBy === 'call');
      expect(new Set(kernel.map(({ trust }) => trust))).toEqual(new Set(['unwind']));
      expect(kernel.map((frame) => known(frame).includes('ebp'))).not.toContain(false);
      expectRegisters(found, frames!);
    }
  });

  it.each(['service-exception', 'page-fault', 'pool-free', 'system-thread'] as const)(
    'U-49 a crash (%s) has its true frames and registers, trap frames included',
    async (crash) => {
      const machine = buildMachine({ architecture: 'x86', crash });
      const { system } = await open(machine, options);
      const { frames } = machine.truth;
      const found = system.stackFrom(system.defaultScope!.registers);
      expect(found.map(placeOf)).toEqual(frames.map(placeOf));
      expect(found.map(({ trapFrame }) => trapFrame)).toEqual(frames.map(({ trapFrame }) => trapFrame));
      expect(found.map(({ trust }) => trust)).toEqual(
        frames.map(({ leftBy }) => (leftBy === 'call' ? 'unwind' : leftBy)),
      );
      expectRegisters(found, frames);
    },
  );
});

it('U-49 without frame data the same thread is found by a scan, or not to its end', async () => {
  const machine = buildMachine({ architecture: 'x86' });
  const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
  const stacks = new Map([...walkThreadStacks(system)].map(({ thread, frames }) => [thread, frames]));
  for (const { address } of waitingOf(machine))
    expect(
      stacks
        .get(address)!
        .slice(1)
        .map(({ trust }) => trust),
    ).not.toContain('unwind');
});

const stackAt = 0x8a00_5000;
const noImage: ImageReader = { layout: 'mapped', tryReadRva: (rva) => new Fault('not-in-dump', BigInt(rva)) };

describe('hostile frame data', () => {
  const word = fc.oneof(
    fc.nat(0xffff_ffff),
    fc.nat(0x100).map((index) => (stackAt + index * 4) >>> 0),
    fc.constant(0x8200_0502),
  );
  const data = fc.record({
    start: fc.nat(0x800),
    length: fc.nat(0xffff_ffff),
    localBytes: fc.oneof(fc.nat(0x100), fc.constant(0xffff_fffc)),
    parameterBytes: fc.oneof(fc.nat(0x40), fc.constant(0xffff_ffff)),
    prologBytes: fc.nat(0xffff),
    savedRegisterBytes: fc.nat(0xffff),
    hasSeh: fc.boolean(),
    beginsFunction: fc.boolean(),
    isBehindPart: fc.boolean(),
    usesEbp: fc.option(fc.boolean(), { nil: undefined }),
    frameType: fc.option(fc.nat(3), { nil: undefined }),
    program: fc.constantFrom(
      undefined,
      '$T0 .raSearch = $eip $T0 ^ = $esp $T0 4 + = $ebp $T0 8 - ^ =',
      '$T0 $ebp = $eip $T0 4 + ^ = $ebp $T0 ^ = $esp $T0 8 + =',
      '$T1 .raSearchStart = $eip $T1 ^ = $esp $T1 4 - =',
      '$eip 1 = $esp 2 =',
    ),
  });

  it('U-39 U-49 a walk ends, never throws, and its stack pointers rise', () => {
    fc.assert(
      fc.property(
        data,
        fc.array(word, { maxLength: 100 }),
        word,
        fc.uint8Array({ maxLength: 40 }),
        (frame, words, ebp, code) => {
          const start = new RegisterSet('x86', [
            ['eip', 0x8200_0502n],
            ['esp', BigInt(stackAt)],
            ['ebp', BigInt(ebp)],
          ]);
          const module = {
            base: signExtend32(0x8200_0000),
            size: 0x1000,
            image: noImage,
            isExecutable: () => undefined,
          };
          const walk = walkStack(start, {
            machine: 'x86',
            memory: memoryOf(words, code),
            code: {
              findModule: (va) =>
                va >= module.base && va < module.base + 0x1000n
                  ? { ...module, frameDataAt: () => frame }
                  : undefined,
            },
          });
          const places = [...walk].map(({ sp }) => sp);
          expect(places.length).toBeLessThanOrEqual(256);
          expect(places).toEqual(places.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** A stack of words, and the code around the instruction pointer. */
function memoryOf(words: readonly number[], code: Uint8Array): VirtualMemory {
  const wordAt = (va: bigint) => words[(Number(va & 0xffff_ffffn) - stackAt) / 4];
  return {
    kind: 'blocks',
    tryRead(va, length) {
      const from = Number(va & 0xffff_ffffn) - 0x8200_04f0;
      const got = from < 0 ? new Uint8Array(0) : code.slice(from, from + length);
      return got.length === length ? got : new Fault('not-in-dump', va, { got });
    },
    tryReadU64: (va) => new Fault('not-in-dump', va),
    tryReadU32: (va) => wordAt(va) ?? new Fault('not-in-dump', va),
    nextCandidate: () => undefined,
  };
}
