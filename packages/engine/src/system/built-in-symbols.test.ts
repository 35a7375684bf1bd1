import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { isfBytes, symbolFile, TestSymbols } from '../../test/symbol-files.ts';
import { lineText } from '../commands/index.ts';
import { BufferSource } from '../io/index.ts';
import { type KernelPlaces, kernelPlaces } from '../layouts/index.ts';
import { openSession, Session } from '../session.ts';
import { CrashedSystem } from './crashed-system.ts';
import { knownPlaces } from './known-places.ts';
import { useBuiltInSymbols } from './load-symbols.ts';
import { readSystemParts } from './system-parts.ts';

const machine = buildMachine({});
const small = dumpBytes(machine, { type: 'triage' });
const kernelDump = dumpBytes(machine, { type: 'bitmap-kernel' });

/** The dump with other kernels built in. */
async function open(bytes: Uint8Array, kernels: readonly KernelPlaces[]): Promise<Session> {
  const { system } = await openSession(new BufferSource(bytes));
  const parts = readSystemParts(system.target);
  useBuiltInSymbols(system.target, parts, kernels);
  return new Session(new CrashedSystem(system.target, system.disassembler, parts), 'x.dmp');
}

const plain = await openSession(new BufferSource(kernelDump));
const { base } = plain.system.kernel!;
const pdb = plain.system.symbols.describeImage(base)!.pdb!;
const rvaOf = (name: string) => Number(plain.system.symbols.findAddress(`nt!${name}`)! - base);
/** Places that the dump itself tells, a function's own beginning, and a variable that nothing else names. */
const places = new Map([
  ...knownPlaces(plain.system.target, plain.system.data?.value).map(
    ({ name, va }) => [name, Number(va - base)] as const,
  ),
  ['KeBugCheckEx', rvaOf('KeBugCheckEx')],
  ['MadeUpVariable', rvaOf('PsLoadedModuleList') + 0x10],
]);

const madeUp = (more: { guid?: string; moved?: string } = {}): KernelPlaces[] => {
  const { guid = pdb.guid, moved } = more;
  const lines = [...places].map(
    ([name, rva]) => `${name} - ${(rva + (name === moved ? 16 : 0)).toString(16)}`,
  );
  return kernelPlaces({
    kernels: [`10.0.1.1 x64 other.pdb ${'0'.repeat(32)} 1`, `10.0.1.2 x64 ${pdb.name} ${guid} 1`],
    places: `\n${lines.join('\n')}\nElsewhere 10 -\n`,
  });
};
const other = 'F'.repeat(32);
const shown = (session: Session, command: string): string[] => session.execute(command).lines.map(lineText);
const kindOf = ({ system }: Session) => system.symbols.kindOf(base);

describe('names of nt that are built in', () => {
  it('SP-13: serve where the GUID of the PDB is that of the image', async () => {
    const session = await open(kernelDump, madeUp());
    expect(kindOf(session)).toBe('profile');
    expect(shown(session, '? nt!MadeUpVariable - nt!PsLoadedModuleList')[0]).toMatch(/: 16 = /);
    expect(shown(session, 'lm m nt')[1]).toMatch(
      /nt {9}\(profile symbols\) {6}built-in profile of nt 10\.0\.1\.2$/,
    );
    expect(session.system.symbols.findAddress('nt!Elsewhere')).toBeUndefined();
    // The image's own exports stay.
    expect(shown(session, 'x nt!KeBugCheckEx')).toHaveLength(1);
    expect(session.system.symbols.findAddress('nt!PsLoadedModuleList')).toBeDefined();
  });

  it('SP-13: do not serve an image with another GUID, whatever its addresses', async () => {
    const session = await open(kernelDump, madeUp({ guid: other }));
    expect(kindOf(session)).toBe('exports');
    expect(session.system.symbols.findAddress('nt!MadeUpVariable')).toBeUndefined();
  });

  it('SP-13: serve a small dump where all addresses that it tells agree, and say so', async () => {
    const session = await open(small, madeUp({ guid: other }));
    expect(kindOf(session)).toBe('profile');
    expect(session.system.symbols.nameOf(base + BigInt(rvaOf('KeBugCheckEx')))).toBe('nt!KeBugCheckEx');
    expect(shown(session, '.reload nt').slice(0, 3)).toEqual([
      'nt: profile symbols',
      '    symbols: built-in profile of nt 10.0.1.2',
      expect.stringMatching(/^ {6}\(known addresses: \d+ addresses of the dump are where it has them/),
    ]);
    const { report } = session.analyze();
    expect(report.modules.find(({ name }) => name === 'nt')?.symbols).toBe('profile');
    expect(report.missing.find(({ what }) => what === 'symbols for nt')?.why).toMatch(
      /built-in profile of nt 10/,
    );
  });

  it('SP-13: do not serve a small dump of which one address is another', async () => {
    const session = await open(small, madeUp({ guid: other, moved: 'PoolTrackTable' }));
    expect(kindOf(session)).not.toBe('profile');
  });

  it('leave the signature as it is', async () => {
    const session = await open(small, madeUp());
    const bare = await openSession(new BufferSource(small));
    expect(session.analyze().report.signature).toBe(bare.analyze().report.signature);
  });

  it('step back for a file of symbols', async () => {
    const isf = isfBytes({ guid: pdb.guid, symbols: { OnlyInFile: 0x1000 } });
    const { system } = await openSession(new BufferSource(kernelDump), {
      symbols: new TestSymbols({ 'nt isf': symbolFile('isf', 'nt.json', isf) }),
    });
    const parts = { ...readSystemParts(system.target), symbols: system.symbols };
    useBuiltInSymbols(system.target, parts, madeUp());
    expect(system.symbols.kindOf(base)).toBe('isf');
  });
});

describe('names of a list that has only some', () => {
  it('SP-14: name nothing behind them in a dump without the function table', async () => {
    const { system } = await open(small, madeUp());
    for (const offset of [1, 8, 0x40])
      expect(system.symbols.nameOf(base + BigInt(rvaOf('KeBugCheckEx') + offset))).toMatch(/^nt\+0x/);
    expect(system.symbols.nameOf(base + BigInt(rvaOf('PsLoadedModuleList') + 8))).toMatch(/^nt\+0x/);
  });

  it('SP-14: name their own function by the function table, and no other code and no data', async () => {
    const start = rvaOf('KeBugCheckEx');
    const { system } = await open(kernelDump, madeUp());
    const bounds = system.symbols.moduleAt(base)!.boundsAt(start)!;
    expect(bounds.start).toBe(start);
    const name = (rva: number) => system.symbols.nameOf(base + BigInt(rva));
    expect(name(bounds.end - 1)).toBe(`nt!KeBugCheckEx+0x${(bounds.end - 1 - start).toString(16)}`);
    expect(name(bounds.end)).not.toMatch(/KeBugCheckEx/);
    expect(name(rvaOf('PsLoadedModuleList') + 0x10)).toBe('nt!MadeUpVariable');
    expect(name(rvaOf('PsLoadedModuleList') + 0x18)).not.toMatch(/MadeUp/);
  });
});
