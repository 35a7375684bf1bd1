import {
  BufferSource,
  lineText,
  openSession,
  type Session,
  type SymbolFile,
  type SymbolSource,
} from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../test/first-difference.ts';
import { MemoryView } from '../../test/memory-view.ts';
import { x64Registers } from '../image/x64-registers.ts';
import type { Machine } from '../machine/machine.ts';
import { pdbFiles } from '../pdb/machine-pdbs.ts';
import { CodeMap } from '../run/code-map.ts';
import { Cpu } from '../run/cpu.ts';
import { CpuFault } from '../run/cpu-fault.ts';
import { CpuMemory } from '../run/cpu-memory.ts';
import { dumpBytes } from '../write-dump.ts';
import { playScenario, scenarios } from './index.ts';
import { officeScenarios } from './office-scenarios.ts';

/** Program databases of the machine's own images. */
function symbolsOf(machine: Machine): SymbolSource {
  const files = new Map(pdbFiles(machine).map((file) => [`${file.guid}${file.age}`, file]));
  return {
    path: 'lab',
    async find({ pdb }, kind): Promise<SymbolFile | undefined> {
      const file = pdb && files.get(`${pdb.guid}${pdb.age}`);
      if (kind !== 'pdb' || file === undefined) return undefined;
      return { kind, location: file.name, source: new BufferSource(file.bytes) };
    },
  };
}

/** The dump of the machine that was opened last: each scenario has its own, and opens it more than once. */
let newest:
  | { readonly machine: Machine; readonly dump: BufferSource; readonly symbols: SymbolSource }
  | undefined;

function open(machine: Machine, withSymbols = true): Promise<Session> {
  if (newest?.machine !== machine) {
    const dump = new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' }));
    newest = { machine, dump, symbols: symbolsOf(machine) };
  }
  const { dump, symbols } = newest;
  return openSession(dump, { path: 'scenario.dmp', ...(withSymbols ? { symbols } : {}) });
}

const nonvolatile = ['rip', 'rsp', 'rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'];

interface FrameData {
  readonly registers: Readonly<Record<string, bigint>>;
  readonly carried: Readonly<Record<string, number>>;
}

/** Those whose end depends on their seed have tests of their own. */
const cases = scenarios
  .filter((scenario) => !officeScenarios.includes(scenario))
  .map((scenario) => [scenario.name, scenario] as const);
const builds = [7601, 9200, 9600, 14_393, 17_763];

/** The bug check that the real system has for each story. */
const bugChecks: Readonly<Record<string, number>> = {
  'article-1': 0x3b,
  'article-2': 0xd6,
  'article-3': 0x50,
  'article-3-plain': 0xc2,
  'overrun-text': 0x3b,
  'overrun-byte': 0x19,
  'bitmap-writer': 0x19,
  'double-free': 0xc2,
  'write-after-free': 0x3b,
  'free-interior': 0xc2,
  'null-pointer': 0x3b,
  'high-irql': 0xd1,
  'wild-pointer': 0x50,
  'code-overwrite': 0xbe,
  breakpoint: 0x3b,
  'overrun-text-worker': 0x7e,
  'free-wrong-tag': 0xc2,
  'paged-high-irql': 0xc2,
  'special-overrun': 0xd6,
  'special-overrun-read': 0xd6,
  'special-by-tag': 0xd6,
  'special-underrun': 0xd6,
  'special-write-after-free': 0xd5,
  'special-read-after-free': 0xcc,
  'special-double-free': 0x50,
  'special-slop-overrun': 0xc1,
  'special-slop-underrun': 0xc1,
  'tracked-overrun': 0xc4,
  'verifier-leak': 0xc4,
  'verifier-zero-bytes': 0xc4,
  'verifier-high-irql': 0xc4,
  'dpc-null-context': 0xd1,
  'power-irp-held': 0x9f,
  'unloaded-worker': 0xce,
  'unloaded-overrun': 0xc2,
};

describe.each(cases)('scenario %s', (name, scenario) => {
  const machine = playScenario(scenario);

  it('stops as the real system does', async () => {
    expect(machine.bugCheck.code).toBe(bugChecks[name]);
    const { report } = (await open(machine)).analyze();
    expect(report.bugcheck.parameters.map(BigInt)).toEqual(machine.bugCheck.parameters);
  });

  it('has a stack that reads as it was', async () => {
    const session = await open(machine);
    const { frames } = machine.truth;
    const shown = session.execute('k').data as readonly { ip: bigint; sp: bigint }[];
    expect(shown.map(({ ip, sp }) => [ip, sp])).toEqual(frames.map(({ ip, sp }) => [ip, sp]));
    const text = session.execute('k').lines.map(lineText);
    // Symbols of a function whose own code was reordered count from where it was before.
    const functions = machine.images.list.flatMap(({ image }) => [...image.functions]);
    const moved = new Set(functions.filter(({ spec }) => spec.moved).map((each) => each.symbol));
    for (const { function: symbol, offset } of frames) {
      if (symbol !== undefined && moved.has(symbol)) continue;
      const place = symbol && (offset === 0 ? symbol : `${symbol}+0x${offset.toString(16)}`);
      if (place !== undefined) expect(text.some((line) => line.includes(place))).toBe(true);
    }
  });

  it('has in each frame the registers that it had', async () => {
    const session = await open(machine, false);
    const { frames } = machine.truth;
    // Nobody knows what a function has saved that is not in memory any more.
    const known = frames.findIndex((frame) => frame.function === undefined);
    for (const [index, frame] of frames.slice(0, known < 0 ? undefined : known + 1).entries()) {
      const { registers, carried } = session.execute(`.frame /r ${index.toString(16)}`).data as FrameData;
      for (const register of nonvolatile)
        expect([index, register, registers[register], carried[register]]).toEqual([
          index,
          register,
          frame.registers[register],
          undefined,
        ]);
      for (const [register, value] of Object.entries(registers)) {
        const from = carried[register];
        const real = (from === undefined ? frame : frames[from]!).registers[register];
        if (real !== undefined) expect([index, register, value]).toEqual([index, register, real]);
      }
    }
  });

  it('faults again when the instruction is executed again', async () => {
    const { fault } = machine.truth;
    if (fault === undefined) return;
    const code = new CodeMap();
    const readOnly = new Set<bigint>();
    for (const { image } of machine.images.list) {
      code.add(image);
      for (const { rva, writable } of image.pages())
        if (!writable) readOnly.add(image.spec.base + BigInt(rva));
    }
    const nowhere = {
      page: 0n,
      'general-protection': 0n,
      breakpoint: 0n,
      'invalid-opcode': 0n,
      'fast-fail': 0n,
    };
    const cpu = new Cpu(new CpuMemory(machine.space, readOnly), code, { handlers: nowhere, bugCheck: 0n });
    for (const register of x64Registers) cpu.registers[register] = fault.registers[register]!;
    if (code.target(fault.ip) === undefined) return expect(fault.ip).toBe(fault.address);
    let slot = code.target(fault.ip)!;
    while (slot.instruction.execute === undefined) slot = slot.next!;
    const { instruction, place } = slot;
    let again: unknown;
    try {
      instruction.execute!(cpu, place);
    } catch (error) {
      again = error;
    }
    expect(again).toBeInstanceOf(CpuFault);
    expect((again as CpuFault).address).toBe(fault.address);
    const { report } = (await open(machine, false)).analyze();
    // Nothing but a name leads to the trap frame of a write to code.
    if (machine.bugCheck.code === 0xbe) return;
    expect(BigInt(report.fault!.ip!)).toBe(fault.ip);
    // What a debugger computes from the registers; a protection fault itself tells no address.
    if (fault.address !== 0n) expect(BigInt(report.fault!.address!)).toBe(fault.address);
  });

  it('has calls in front of its return addresses that lead to the functions above', () => {
    const memory = new MemoryView(machine.space);
    const { frames, symbols } = machine.truth;
    let direct = 0;
    for (const [index, { ip, leftBy }] of frames.entries()) {
      const callee = frames[index - 1]?.function;
      if (leftBy !== 'call' || callee === undefined) continue;
      const before = memory.bytes(ip - 6n, 6);
      const there = ip + BigInt(memory.u32(ip - 4n) | 0);
      const throughSlot = before[0] === 0xff && before[1] === 0x15;
      const isDirect = before[1] === 0xe8;
      // call rdi, call r10, call [r9+38h] and their like.
      const isIndirect = [...before].some(
        (byte, at) => byte === 0xff && ((before[at + 1] ?? 0) & 0x38) === 0x10,
      );
      expect([ip, throughSlot || isDirect || isIndirect]).toEqual([ip, true]);
      if (!throughSlot && !isDirect) continue;
      const target = throughSlot ? memory.u64(there) : there;
      // A short function may have jumped on; a dispatch routine is jumped to.
      const passesOn = [...symbols].find(([, va]) => va === target)?.[0] ?? '';
      if (/!(ExAllocatePool|ExFreePool|IofCallDriver|MiSystemFault)$/.test(passesOn)) continue;
      expect([index, target]).toEqual([index, symbols.get(callee)]);
      direct++;
    }
    expect(direct).toBeGreaterThan(2);
  });

  it('tells a truth that the bytes of the dump bear out', async () => {
    const { scenario: truth } = machine.truth;
    expect(truth?.scenario).toBe(name);
    const { block, damage, victims } = truth!;
    if (damage === undefined) return;
    const memory = new MemoryView(machine.space);
    const bytes = memory.bytes(damage.start, damage.length);
    if (damage.text !== undefined) expect(String.fromCharCode(...bytes)).toBe(`${damage.text}\0`);
    // What special pool and the verifier find is theirs to tell: special.test.ts.
    const isWatched = block?.allocator === 'special' || machine.bugCheck.code === 0xc4;
    if (truth?.kind !== 'pool-overrun' || isWatched) return;
    expect(damage.start).toBe(block!.address + BigInt(block!.size));
    const session = await open(machine);
    const page = session.execute(`!pool ${block!.address.toString(16)}`);
    const lines = page.lines.map(lineText);
    expect(lines.some((line) => line.includes(`${block!.address.toString(16)} size:`))).toBe(true);
    expect(lines.join('\n')).toContain(
      `Bad previous allocation size @${victims[0]!.address.toString(16)}, last size was ${(block!.size / 16).toString(16)}`,
    );
  });
});

describe('a scenario', () => {
  it('is the same for the same seed and another for another', () => {
    const bytes = (seed: number) =>
      dumpBytes(playScenario(scenarios[0]!, { seed }), { type: 'bitmap-kernel' });
    const seventh = bytes(7);
    expect(firstDifference(seventh, bytes(7))).toBe(-1);
    expect(firstDifference(seventh, bytes(8))).not.toBe(-1);
  });

  it.each(builds)('ends in the same way on build %i', async (build) => {
    for (const scenario of scenarios) {
      if (!['overrun-text', 'double-free', 'wild-pointer'].includes(scenario.name)) continue;
      const played = playScenario(scenario, { build, seed: 3 });
      expect([scenario.name, played.bugCheck.code]).toEqual([scenario.name, bugChecks[scenario.name]]);
      const shown = (await open(played, false)).execute('k').data as readonly { ip: bigint }[];
      expect(shown.map(({ ip }) => ip)).toEqual(played.truth.frames.map(({ ip }) => ip));
    }
  });
});
