import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contextSize, decodeContext } from '../cpu/index.ts';
import { openDump } from '../dump/index.ts';
import { BufferSource } from '../io/index.ts';
import { BlockMemory } from '../mmu/index.ts';
import { MappedImage } from '../pe/index.ts';
import { type Frame, isUserAddress, ModuleCodeMap, type StackRange, walkStack } from './index.ts';

const shared = new URL('../../../../../shared/dumps/', import.meta.url);
const present = existsSync(fileURLToPath(shared));
/** The first of the three is filled with zeros on purpose. */
const names = present
  ? readdirSync(shared).filter((name) => name.endsWith('.dmp') && !name.includes('111217'))
  : [];
const contextAt = 0x348;

/** Frames from the context in the header of a 64-bit triage dump, and the stack that it saved. */
function walk(name: string): { frames: Frame[]; stack: StackRange } {
  const dump = openDump(new BufferSource(readFileSync(new URL(name, shared))));
  const memory = new BlockMemory(dump.file, dump.blocks);
  const { machine } = dump.header;
  const code = new ModuleCodeMap(
    dump.triage!.drivers.map(({ base, size }) => ({
      base,
      size,
      image: new MappedImage(memory, base, size),
    })),
  );
  const { va, size } = dump.blocks.find(({ kind }) => kind === 'stack')!;
  const stack = { limit: va, base: va + BigInt(size) };
  const start = decodeContext(machine, dump.file.read(contextAt, contextSize(machine)))!;
  return { frames: [...walkStack(start, { machine, memory, code, stacks: [stack] })], stack };
}

describe.skipIf(!present)('stacks of real triage dumps (needs ../shared)', () => {
  it.each(names)('U-39 %s: frames rise from the context to the end of the stack', (name) => {
    const { frames, stack } = walk(name);
    expect(frames[0]!.trust).toBe('context');
    expect(frames.length).toBeGreaterThan(5);
    const kernel = frames.filter(({ ip }) => !isUserAddress(ip)).map(({ sp }) => sp);
    for (let index = 1; index < kernel.length; index++)
      expect(kernel[index]! > kernel[index - 1]!).toBe(true);
    expect(kernel.every((sp) => sp >= stack.limit && sp <= stack.base)).toBe(true);
    expect(frames.slice(0, -1).every(({ ip }) => !isUserAddress(ip))).toBe(true);
  });

  it("U-1 finds the debugger's own frames, its trap frame and the user code behind it", () => {
    const text = readFileSync(new URL('notmyfault_4a/kv.txt', shared), 'latin1');
    const value = (ticked: string): bigint => BigInt(`0x${ticked.replace('`', '')}`);
    const lines = [...text.matchAll(/^\d\d (\S{17}) (\S{17}) .*?(?:TrapFrame @ (\S{17})\))?$/gm)];
    const expected = lines.map(([, sp, returnAddress, trapFrame]) => ({
      sp: value(sp!),
      returnAddress: value(returnAddress!),
      trapFrame: trapFrame === undefined ? undefined : value(trapFrame),
    }));
    const { frames } = walk('notmyfault_4a/083125-14875-01.dmp');
    expect(expected).toHaveLength(4);
    for (const { sp, returnAddress, trapFrame } of expected.slice(0, 3)) {
      const at = frames.findIndex((frame) => frame.sp === sp);
      expect(at).toBeGreaterThanOrEqual(0);
      // A scan may find more words between two frames, never fewer.
      expect(frames.slice(at + 1).map(({ ip }) => ip)).toContain(returnAddress);
      expect(trapFrame === undefined || frames.some((frame) => frame.trapFrame === trapFrame)).toBe(true);
    }
    expect(frames.at(-1)).toMatchObject({
      trust: 'trap',
      ip: expected[2]!.returnAddress,
      sp: expected[3]!.sp,
    });
  });
});
