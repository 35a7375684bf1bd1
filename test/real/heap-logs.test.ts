/**
 * Logs of real crashes in the segment heap: a machine is built whose memory holds what they print, records, nodes, contexts, page tables
 * and parameters, and the same commands are compared word by word. What is not compared, and why:
 * - names of functions, and the arguments of a stack: images and symbols of that machine are not in the log
 * - registers that a trap frame lacks: the debugger prints zeros for them, and `????` stands here
 * - the order of members at one offset, and names of the values of enumerations: the built-in types have neither
 * - what the author wrote behind `-->`
 * - what the debugger counts of itself, and extensions of others (`!mex`, `!di`)
 * The pages of `!pool` are in heap-cases.test.ts, memory and page tables of the other logs in pool-cases.test.ts.
 */
import { BufferSource, lineText, openSession, type Session } from '@poolscope/engine';
import { buildMachine, dumpBytes, type KernelWorld } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedText } from '../shared-files.ts';

const log = (name: string): string => sharedText(`logs/pool-cases/${name}.md`);
const logs = {
  heap: 'KERNEL_MODE_HEAP_CORRUPTION_0x13a_Misuse_of_RtlZeroMemory_Leading_to_B',
  tree: 'KERNEL_SECURITY_CHECK_FAILURE_0x139_Memory_Corruption',
  insert: 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_0x7e_Memory_Corruption_Due_to_misu',
  overrun: 'PAGE_FAULT_IN_NONPAGED_AREA_0x50_Buffer_Overflow_in_misuse_of_RtlCopyM',
  freedTwice: 'BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_ExFreePoolWithTag',
  contiguous: 'BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_MmFreeContiguousMemory',
} as const;

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const number = (text: string): bigint => BigInt(`0x${text.replace('0x', '').replaceAll('`', '')}`);

/** What a log prints for a command, without remarks of its author. */
function printed(text: string, command: string): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.endsWith(`kd> ${command}`)) + 1;
  expect(from, command).toBeGreaterThan(0);
  const rest = lines.slice(from, lines.indexOf('```', from));
  return rest.map((line) => line.replace(/ -->.*/, '').trimEnd()).filter((line) => line !== '');
}

/** Name, code and parameters of the bug check. */
function bugCheckOf(text: string) {
  const [, name, code] = /^([A-Z_]+) \((\w+)\)$/m.exec(text)!;
  const parameters = [1, 2, 3, 4].map((each) =>
    number(new RegExp(`^Arg${each}: (\\w+)`, 'm').exec(text)![1]!),
  );
  return { name: name!, code: Number(number(code!)), parameters };
}

const pageMask = 0xfffn;

/** Writes values into memory of the machine, and maps what is not there. */
class Planter {
  readonly #world: KernelWorld;
  readonly #mapped = new Set<bigint>();

  constructor(world: KernelWorld) {
    this.#world = world;
  }

  write(va: bigint, value: bigint, size: number): void {
    for (const page of new Set([va & ~pageMask, (va + BigInt(size - 1)) & ~pageMask]))
      if (!this.#mapped.has(page)) this.#map(page);
    const bytes = Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
    this.#world.space.write(va, Uint8Array.from(bytes));
  }

  #map(page: bigint): void {
    this.#mapped.add(page);
    this.#world.space.allocate(page, 0x1000, { writable: true });
  }

  get world(): KernelWorld {
    return this.#world;
  }
}

/** A session over a machine of that bug check, with what `plant` writes. */
async function rebuilt(text: string, plant: (planter: Planter) => void): Promise<Session> {
  const machine = buildMachine({ prepare: (world) => plant(new Planter(world)), build: 22_000 });
  const { code, parameters } = bugCheckOf(text);
  const header = { ...machine.header, bugCheckCode: code, bugCheckParameters: parameters };
  return openSession(new BufferSource(dumpBytes({ ...machine, header }, { type: 'full' })));
}

const shown = (session: Session, command: string): string[] =>
  session
    .execute(command)
    .lines.map((line) => lineText(line).trimEnd())
    .filter((line) => line !== '');

/** Registers that lines print, by name. */
const registersIn = (lines: readonly string[]): Map<string, bigint> =>
  new Map(
    [...lines.join(' ').matchAll(/\b(r\w{1,2}|[c-g]s|ss|efl)=([\da-f]+)\b/g)].map(([, name, digits]) => [
      name!,
      number(digits!),
    ]),
  );

/** Bits of the flags by the words for set ones; `po` is the one that stands for a bit that is set. */
const flags: Readonly<Record<string, number>> = { ov: 11, dn: 10, ei: 9, ng: 7, zr: 6, ac: 4, po: 2, cy: 0 };

const flagsIn = (lines: readonly string[]): bigint =>
  words(lines.find((line) => line.startsWith('iopl='))!).reduce(
    (value, word) => (word in flags ? value | (1n << BigInt(flags[word]!)) : value),
    2n,
  );

const capital = (name: string): string =>
  name.replace(/^r([a-z])/, (_, first: string) => `R${first}`).replace(/^r/, 'R');

/** Offsets of members of x64 records. Source: winnt.h and the types of 22000. */
const trapFrame = {
  Rax: 0x30,
  Rcx: 0x38,
  Rdx: 0x40,
  R8: 0x48,
  R9: 0x50,
  R10: 0x58,
  R11: 0x60,
  Rbp: 0x158,
  Rip: 0x168,
  EFlags: 0x178,
  Rsp: 0x180,
} as const;
const segCs = 0x170;
const contextFlags = [0x30, 0x10_001fn] as const;
const context: Readonly<Record<string, number>> = {
  ...{ cs: 0x38, ds: 0x3a, es: 0x3c, fs: 0x3e, gs: 0x40, ss: 0x42, efl: 0x44 },
  ...{ rax: 0x78, rcx: 0x80, rdx: 0x88, rbx: 0x90, rsp: 0x98, rbp: 0xa0, rsi: 0xa8, rdi: 0xb0 },
  ...{ r8: 0xb8, r9: 0xc0, r10: 0xc8, r11: 0xd0, r12: 0xd8, r13: 0xe0, r14: 0xe8, r15: 0xf0, rip: 0xf8 },
};

/** The instruction that the last line shows, as bytes at its address. */
function plantCode(planter: Planter, lines: readonly string[]): void {
  const [, address, code] = /^([\da-f]{8}`[\da-f]{8}) ([\da-f]+) /.exec(lines.at(-1)!)!;
  const bytes = code!.match(/../g)!;
  bytes.forEach((byte, index) => planter.write(number(address!) + BigInt(index), number(byte), 1));
}

function plantTrapFrame(planter: Planter, at: bigint, lines: readonly string[]): void {
  const registers = registersIn(lines);
  for (const [name, value] of registers) {
    const offset = (trapFrame as Readonly<Record<string, number>>)[capital(name)];
    if (offset !== undefined) planter.write(at + BigInt(offset), value, 8);
  }
  planter.write(at + BigInt(trapFrame.EFlags), flagsIn(lines), 4);
  planter.write(at + BigInt(segCs), 0x10n, 2);
  plantCode(planter, lines);
}

function plantContext(planter: Planter, at: bigint, lines: readonly string[]): void {
  planter.write(at + BigInt(contextFlags[0]), contextFlags[1], 4);
  for (const [name, value] of registersIn(lines))
    planter.write(at + BigInt(context[name]!), value, name === 'efl' ? 4 : name.endsWith('s') ? 2 : 8);
  plantCode(planter, lines);
}

function plantRecord(planter: Planter, at: bigint, lines: readonly string[]): void {
  const text = lines.join('\n');
  const value = (pattern: RegExp): bigint => number(pattern.exec(text)![1]!);
  planter.write(at, value(/ExceptionCode: (\w+)/), 4);
  planter.write(at + 4n, value(/ExceptionFlags: (\w+)/), 4);
  planter.write(at + 8n, 0n, 8);
  planter.write(at + 0x10n, value(/ExceptionAddress: (\w+)/), 8);
  planter.write(at + 0x18n, value(/NumberParameters: (\w+)/), 4);
  [...text.matchAll(/Parameter\[\d\]: (\w+)/g)].forEach(([, word], index) =>
    planter.write(at + 0x20n + BigInt(8 * index), number(word!), 8),
  );
}

/** Members with a single value that `dt` prints, at their offsets; with `depth`, those of that indentation. */
const membersIn = (lines: readonly string[], depth = 3) =>
  lines.flatMap((line) => {
    const [, indent, offset, name, value] =
      /^( +)\+0x(\w+) (\w+) +: (\(null\)|(?:0x)?[\da-f`]+)(?: \S.*)?$/.exec(line) ?? [];
    if (indent?.length !== depth || value!.startsWith('0y')) return [];
    return [{ offset: number(offset!), name: name!, value: value === '(null)' ? 0n : number(value!) }];
  });

/** What `dt` prints, each line with its depth, in an order that both have. */
const membersShown = (lines: readonly string[]): string[] =>
  lines
    .map(
      (line) =>
        `${line.search(/\S/)} ${words(line)
          .join(' ')
          .replace(/: (?:0n)?(\d+)(?: \( \w+ \))?$/, ': $1')}`,
    )
    .sort();

/** A line without names of functions of that machine, which has symbols that this one lacks. */
const bare = (line: string): string =>
  line.replace(/\s\(nt!\S+\)/, '').replace(/^\S+!\S+:$|^Driver\+\S+:$/, '');

/** The lines that `.trap` and `.cxr` print of registers, as words; those that a frame lacks are left out. */
const registerWords = (lines: readonly string[], known?: ReadonlySet<string>): string[] =>
  words(lines.filter((line) => /^[ r]|^iopl|^cs=/.test(line)).join(' ')).filter(
    (word) =>
      known === undefined || !word.includes('=') || known.has(word.split('=')[0]!) || word.startsWith('iopl'),
  );

describe.skipIf(!hasShared)('logs of crashes in the segment heap', () => {
  it.each(Object.entries(logs))('%s: name and parameters of the bug check', async (_, file) => {
    const text = log(file);
    const { name, parameters } = bugCheckOf(text);
    const session = await rebuilt(text, () => undefined);
    const own = shown(session, '!analyze -v').join('\n');
    expect(own).toContain(name);
    for (const [index, value] of parameters.entries())
      expect(own).toContain(`Arg${index + 1}: ${value.toString(16).padStart(16, '0')}`);
  });

  it('0x139: .bugcheck, the trap frame, the record, and the node with its child', async () => {
    const text = log(logs.tree);
    const node = 'dt nt!_RTL_BALANCED_NODE ffff8005fe38b7a8 -r1';
    const trap = printed(text, '.trap 0xffffb88f1487ec30');
    const record = printed(text, '.exr 0xffffb88f1487eb88');
    const tree = printed(text, node);
    const session = await rebuilt(text, (planter) => {
      plantTrapFrame(planter, 0xffff_b88f_1487_ec30n, trap);
      plantRecord(planter, 0xffff_b88f_1487_eb88n, record);
      const child = membersIn(tree).find(({ name }) => name === 'Right')!.value;
      for (const { offset, value } of membersIn(tree))
        planter.write(0xffff_8005_fe38_b7a8n + offset, value, 8);
      for (const { offset, value } of membersIn(tree, 6)) planter.write(child + offset, value, 8);
    });
    expect(shown(session, '.bugcheck').slice(0, 2)).toEqual(printed(text, '.bugcheck'));
    const known = new Set(Object.keys(trapFrame).map((name) => name.toLowerCase()));
    const ownTrap = shown(session, '.trap 0xffffb88f1487ec30');
    expect(registerWords(ownTrap, known)).toEqual(registerWords(trap, known));
    expect(words(ownTrap.at(-1)!)).toEqual(words(trap.at(-1)!));
    expect(shown(session, '.exr 0xffffb88f1487eb88').map(bare)).toEqual(record.map(bare));
    expect(membersShown(shown(session, node))).toEqual(membersShown(tree));
  });

  it('0x7E: the record, the context record, and the VS context that the register leads to', async () => {
    const text = log(logs.insert);
    const command = 'dt ntkrnlmp!_HEAP_VS_CONTEXT ffffe0099a6002c0 -r1';
    const record = printed(text, '.exr 0xffffa1088a4aebf8');
    const registers = printed(text, '.cxr 0xffffa1088a4ae410');
    const vs = printed(text, command);
    const session = await rebuilt(text, (planter) => {
      plantRecord(planter, 0xffff_a108_8a4a_ebf8n, record);
      plantContext(planter, 0xffff_a108_8a4a_e410n, registers);
      let outer = 0n;
      for (const line of vs) {
        outer = /^ {3}\+0x(\w+)/.test(line) ? number(/\+0x(\w+)/.exec(line)![1]!) : outer;
        for (const { offset, value } of [...membersIn([line]), ...membersIn([line], 6)]) {
          const at = line.startsWith('      +') ? outer + offset : offset;
          planter.write(0xffff_e009_9a60_02c0n + at, value, /Type|Flags/.test(line) ? 4 : 8);
        }
      }
    });
    expect(shown(session, '.exr 0xffffa1088a4aebf8').map(bare)).toEqual(record.map(bare));
    const own = shown(session, '.cxr 0xffffa1088a4ae410');
    expect(registerWords(own)).toEqual(registerWords(registers));
    expect(words(own.at(-1)!)).toEqual(words(registers.at(-1)!));
    const ownContext = shown(session, command.replace('ntkrnlmp!', 'nt!'));
    expect(membersShown(ownContext)).toEqual(membersShown(vs));
  });

  it('0x50: the trap frame of the write behind the block', async () => {
    const text = log(logs.overrun);
    const trap = printed(text, '.trap 0xfffff90fb6d8ede0');
    const session = await rebuilt(text, (planter) => plantTrapFrame(planter, 0xffff_f90f_b6d8_ede0n, trap));
    const known = new Set(Object.keys(trapFrame).map((name) => name.toLowerCase()));
    const own = shown(session, '.trap 0xfffff90fb6d8ede0');
    expect(registerWords(own, known)).toEqual(registerWords(trap, known));
    expect(words(own.at(-1)!)).toEqual(words(trap.at(-1)!));
  });

  it('0x13A: the start of the page as a list entry, and its word in all formats', async () => {
    const text = log(logs.heap);
    const entry = 'dt nt!_LIST_ENTRY ffffe2809abee000';
    const lines = printed(text, entry);
    const formats = '.formats 0x74536d4d`03880000';
    const session = await rebuilt(text, (planter) => {
      for (const { offset, value } of membersIn(lines))
        planter.write(0xffff_e280_9abe_e000n + offset, value, 8);
    });
    expect(shown(session, entry).map(words)).toEqual(lines.map(words));
    // Times are those of the zone that the author worked in.
    const timeless = (all: readonly string[]) => all.filter((line) => !/Time:/.test(line)).map(words);
    expect(timeless(shown(session, formats))).toEqual(timeless(printed(text, formats)));
  });

  it('0x13A: the entries of the page tables', async () => {
    const text = log(logs.heap);
    const lines = printed(text, '!pte ffffe2809abee000');
    const column = (line: string | undefined): string => line!.slice(81).trim();
    const entry = number(column(lines[2]).replace('contains ', ''));
    const session = await rebuilt(text, ({ world }) => {
      world.space.allocate(0xffff_e280_9abe_f000n, 0x1000, { writable: true });
      world.space.plant(0xffff_e280_9abe_e000n, entry);
    });
    const own = shown(session, '!pte ffffe2809abee000');
    expect(own[0]).toBe(lines[0]);
    expect(own.slice(2).map((line) => line.slice(81).trim())).toEqual(lines.slice(2).map(column));
  });

  it('0x19 of contiguous memory: the list entry is not to be read', async () => {
    const text = log(logs.contiguous);
    const command = 'dt nt!_LIST_ENTRY ffffc48068d7d000';
    const session = await rebuilt(text, () => undefined);
    const [flink, blink, last] = printed(text, command);
    const own = shown(session, command);
    expect(own.slice(0, 2).map(words)).toEqual([flink, blink].map((line) => words(line!)));
    expect(last).toContain('Memory read error');
    expect(own.at(-1)).toMatch(/Memory read error|not/);
  });

  it.each([
    ['0x7E', logs.insert],
    ['0x19', logs.freedTwice],
  ])('%s: cells of the import table, and the tag in all formats', async (_, file) => {
    const text = log(file);
    const commands = [...text.matchAll(/kd> (dps \S+ l1)/g)].map(([, command]) => command!);
    const lines = commands.map((command) => printed(text, command)[0]!);
    expect(commands).toHaveLength(2);
    const session = await rebuilt(text, (planter) => {
      for (const [cell, value] of lines.map(words)) planter.write(number(cell!), number(value!), 8);
    });
    // The functions are those of another machine.
    for (const [index, command] of commands.entries())
      expect(words(shown(session, command)[0]!).slice(0, 2)).toEqual(words(lines[index]!).slice(0, 2));
    const formats = printed(text, '.formats 57724231h').filter((line) => !line.includes('Time:'));
    const own = shown(session, '.formats 57724231h').filter((line) => !line.includes('Time:'));
    expect(own.map(words)).toEqual(formats.map(words));
  });
});
