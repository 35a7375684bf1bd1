import { buildMachine, dumpBytes, pdbFiles, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { BufferSource, openSession, type Session, type SymbolSource } from '../index.ts';
import { nearestSymbols } from './symbols.ts';

/** The article's second crash, whose kernel was reordered after linking, with the kernel's PDB. */
async function reordered(): Promise<Session> {
  const machine = playScenario(scenarios.find(({ name }) => name === 'article-2')!);
  const nt = pdbFiles(machine).find(({ name }) => name.startsWith('nt'))!;
  const symbols: SymbolSource = {
    path: 'symbols',
    find: ({ module }, kind) =>
      Promise.resolve(
        module === 'nt' && kind === 'pdb'
          ? { kind, location: nt.name, source: new BufferSource(nt.bytes) }
          : undefined,
      ),
  };
  const dump = new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' }));
  return openSession(dump, { symbols });
}

describe('nearestSymbols', () => {
  it('tells the distance that stacks show, in an image that was reordered', async () => {
    const { system } = await reordered();
    const va = system
      .stackFrom(system.start!.registers)
      .map(({ ip }) => ip)
      .find((ip) => system.symbols.nameOf(ip)?.includes('FNODOBFM'))!;
    const found = nearestSymbols(system, va)!;
    const [first] = found.before;
    expect(system.symbols.nameOf(va)).toBe(`nt!${first!.name}+0x${found.offset.toString(16)}`);
    expect(BigInt(found.offset)).not.toBe(va - first!.address);
    expect(system.symbols.findAddress(`nt!${first!.name}`)).toBe(first!.address);
  });

  it('names what the debugger data names, and says so, where the image tells no names', async () => {
    const { system } = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'triage' })));
    const va = system.data!.value.address('KiProcessorBlock')!;
    expect(system.symbols.nameOf(va)).toBe('nt!KiProcessorBlock');
    expect(system.symbols.nameOf(va + 8n)).toMatch(/^nt\+0x/);
    expect(nearestSymbols(system, va)).toMatchObject({
      before: [{ name: 'KiProcessorBlock', address: va, from: 'debugger data' }],
      offset: 0,
      isInside: true,
    });
    expect(nearestSymbols(system, va + 8n)).toMatchObject({ offset: 8, isInside: false });
  });

  it('believes exports before the debugger data', async () => {
    const { system } = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'full' })));
    const [list] = nearestSymbols(system, system.symbols.findAddress('nt!PsLoadedModuleList')!)!.before;
    expect(list).toMatchObject({ name: 'PsLoadedModuleList' });
    expect(list!.from).toBeUndefined();
  });
});
