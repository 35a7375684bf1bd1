import { buildMachine, dumpBytes, type MachineOptions } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { writeLabPdb } from '../../test/lab-pdb.ts';
import { symbolFile, TestSymbols } from '../../test/symbol-files.ts';
import { BufferSource } from '../io/index.ts';
import { openSession, type Session } from '../session.ts';
import { walkThreadStacks } from '../system/index.ts';
import { frameDataText } from './frame-data-text.ts';
import { lineText } from './index.ts';

/** A session with private symbols for the kernel alone. */
async function open(options: MachineOptions, frames: 'programs' | 'sizes' = 'programs'): Promise<Session> {
  const machine = buildMachine(options);
  const { image } = machine.images.list.find((each) => each.image.spec.module === 'nt')!;
  const file = symbolFile('pdb', image.spec.pdb.name, writeLabPdb(image, { frames }));
  return openSession(new BufferSource(dumpBytes(machine, { type: 'full' })), {
    symbols: new TestSymbols({ 'nt pdb': file }),
  });
}

const run = (session: Session, command: string): string[] =>
  session.execute(command).lines.map((line) => lineText(line).trimEnd());

describe('source lines', () => {
  it('stand behind the call sites of modules that have them: those of the calls, and of code that was interrupted its own', async () => {
    const session = await open({});
    const lines = run(session, 'k');
    const named = lines.filter((line) => line.includes('nt!'));
    expect(named.length).toBeGreaterThan(3);
    for (const line of named)
      expect(line).toMatch(/nt!\w+(\+0x[0-9a-f]+)? \[d:\\src\\nt\\nt\.c @ \d+\] {2}\[\w+\]$/);
    expect(lines.filter((line) => line.includes('storfilt')).join()).not.toContain(' @ ');
    const { system } = session;
    const frames = system.stackFrom(system.defaultScope!.registers);
    const numbers = lines.slice(1).map((line) => Number(/@ (\d+)\]/.exec(line)?.[1] ?? 0));
    frames.forEach(({ ip, trust }, index) => {
      if (!(system.symbols.nameOf(ip) ?? '').startsWith('nt!')) return;
      const at = trust === 'context' || trust === 'trap' ? ip : ip - 1n;
      expect([index, numbers[index]]).toEqual([index, system.symbols.lineAt(at)?.line]);
    });
  });

  it('are those of the call also where the return address is at another line', async () => {
    const { system } = await open({});
    const behind = system
      .stackFrom(system.defaultScope!.registers)
      .filter(({ ip }) => system.symbols.lineAt(ip)?.line !== system.symbols.lineAt(ip - 1n)?.line);
    expect(behind.length).toBeGreaterThan(0);
  });

  it('are hidden by kL, by .lines -d, and from kc; .frame and the report show them too', async () => {
    const session = await open({});
    expect(run(session, 'kL').join('\n')).not.toContain('nt.c');
    expect(run(session, 'kc').join('\n')).not.toContain('nt.c');
    expect(run(session, '.frame 1').join('\n')).toContain('[d:\\src\\nt\\nt.c @ ');
    expect(run(session, '!analyze -v').join('\n')).toContain('[d:\\src\\nt\\nt.c @ ');
    run(session, '.lines -d');
    for (const command of ['k', '.frame 1', 'u nt!KeBugCheckEx', 'ln nt!KeBugCheckEx', 'uf nt!KeBugCheckEx'])
      expect(run(session, command).join('\n')).not.toContain('nt.c');
    run(session, '.lines');
    expect(run(session, 'k').join('\n')).toContain('nt.c');
  });

  it('head the listing of code, and stand first in ln with the distance from their beginning', async () => {
    const session = await open({});
    const start = session.evaluate('nt!KeBugCheckEx');
    const { line } = session.system.symbols.lineAt(start)!;
    expect(run(session, 'u nt!KeBugCheckEx L2')[0]).toBe(`nt!KeBugCheckEx [d:\\src\\nt\\nt.c @ ${line}]:`);
    expect(run(session, 'uf nt!KeBugCheckEx')[0]).toBe(`nt!KeBugCheckEx [d:\\src\\nt\\nt.c @ ${line}]:`);
    expect(run(session, 'ln nt!KeBugCheckEx')[0]).toBe(`d:\\src\\nt\\nt.c(${line})`);
    expect(run(session, 'ln nt!KeBugCheckEx+1')[0]).toBe(`d:\\src\\nt\\nt.c(${line})+0x1`);
    expect(run(session, 'ln nt!KeBugCheckEx')[1]).toMatch(/^\([0-9a-f`]+\) {3}nt!KeBugCheckEx/);
  });
});

describe('kv on x86', () => {
  it('shows what programs of the symbols say of frames', async () => {
    const lines = run(await open({ architecture: 'x86' }), 'kvL');
    expect(lines.find((line) => line.includes('nt!KeBugCheckEx'))).toContain(
      'nt!KeBugCheckEx (FPO: [Non-Fpo])  [context]',
    );
    expect(lines.find((line) => line.includes('nt!KiTrap0E'))).toMatch(
      /nt!KiTrap0E\+0x\w+ \(FPO: \[0,0\] TrapFrame @ [0-9a-f]{8}\) {2}\[unwind\]$/,
    );
    expect(lines.find((line) => line.includes('nt!IopXxxControlFile'))).toMatch(
      / \(FPO: \[Non-Fpo\]\) {2}\[unwind\]$/,
    );
    expect(lines.find((line) => line.includes('storfilt'))).not.toContain('FPO');
  });

  it.each(['programs', 'sizes'] as const)(
    'tells frames that use ebp for other things, by %s',
    async (frames) => {
      const session = await open({ architecture: 'x86' }, frames);
      const waiting = [...walkThreadStacks(session.system)].find(({ state }) => state === 5)!;
      run(session, `.thread ${waiting.thread.toString(16)}`);
      const [, first, second] = run(session, 'kvL 2');
      expect(first).toMatch(/ nt!KiSwapContext\+0x\w+ \(FPO: \[Uses EBP\] \[0,0,4\]\) {2}\[context\]$/);
      expect(second).toMatch(/ nt!KiSwapThread\+0x\w+ \(FPO: \[Non-Fpo\]\) {2}\[unwind\]$/);
    },
  );

  it('shows words of arguments, of variables and of saved registers', () => {
    const data = {
      ...{ start: 0, length: 1, localBytes: 36, parameterBytes: 8, prologBytes: 0, savedRegisterBytes: 16 },
      ...{ hasSeh: false, beginsFunction: true, isBehindPart: false },
    };
    const sizes = { ...data, usesEbp: false, frameType: 0, program: undefined };
    const program = (text: string) => ({ ...data, usesEbp: undefined, frameType: undefined, program: text });
    expect(frameDataText(sizes)).toBe('FPO: [2,9,4]');
    expect(frameDataText({ ...sizes, usesEbp: true })).toBe('FPO: [Uses EBP] [2,9,4]');
    expect(frameDataText({ ...sizes, frameType: 1 })).toBe('FPO: [2,9]');
    expect(frameDataText({ ...sizes, frameType: 2 })).toBe('FPO: TaskGate');
    expect(frameDataText({ ...sizes, frameType: 3 })).toBe('FPO: [Non-Fpo]');
    expect(frameDataText(program('$T0 $ebp = $eip $T0 4 + ^ ='))).toBe('FPO: [Non-Fpo]');
    expect(frameDataText(program('$T0 .raSearch = $eip $T0 ^ ='))).toBe('FPO: [2,9,4]');
    expect(frameDataText(program('$T0 .raSearch = $eip $T0 ^ = $ebp $T0 8 - ^ ='))).toBe(
      'FPO: [Uses EBP] [2,9,4]',
    );
  });
});
