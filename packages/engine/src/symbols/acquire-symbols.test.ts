import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { isfBytes, symbolFile, TestSymbols } from '../../test/symbol-files.ts';
import { utf8Bytes } from '../base/index.ts';
import { lineText } from '../commands/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession, type Session } from '../session.ts';
import { knownPlaces } from '../system/index.ts';
import type { SymbolSource } from './symbol-source.ts';

const machine = buildMachine({});
const small = dumpBytes(machine, { type: 'triage' });
const kernelDump = dumpBytes(machine, { type: 'bitmap-kernel' });

const open = (bytes: Uint8Array, symbols?: SymbolSource): Promise<Session> =>
  openSession(new BufferSource(bytes), symbols === undefined ? {} : { symbols });

const shown = (session: Session, command: string): string[] => session.execute(command).lines.map(lineText);

/** Names where the dump itself says that they are, and one of a function that nothing exports. */
async function trueSymbols(): Promise<Record<string, number>> {
  const { system } = await open(kernelDump);
  const { base } = system.kernel!;
  const places = knownPlaces(system.target, system.data?.value).map(
    ({ name, va }) => [name, Number(va - base)] as const,
  );
  const exported = [...system.symbols.moduleAt(base)!.symbols()].map(({ name, rva }) => [name, rva] as const);
  return Object.fromEntries([...exported, ...places]);
}

const symbols = await trueSymbols();
const types = {
  _POOL_HEADER: {
    kind: 'struct',
    size: 16,
    fields: {
      OnlyHere: { offset: 0, type: { kind: 'base', name: 'unsigned short' } },
      PoolTag: { offset: 4, type: { kind: 'base', name: 'unsigned long' } },
    },
  },
};
const isf = isfBytes({ symbols, types });

describe('symbols for a dump that does not tell the PDB of its kernel', () => {
  it('proves a candidate by addresses and uses its names and types', async () => {
    const wrong = isfBytes({ symbols: { ...symbols, PsLoadedModuleList: 0x10 } });
    const session = await open(
      small,
      new TestSymbols({}, [symbolFile('isf', 'wrong.json', wrong), symbolFile('isf', 'right.json', isf)]),
    );
    const { system } = session;
    expect(shown(session, 'lm m nt')[1]).toMatch(/nt {9}\(ISF symbols\) {10}right\.json$/);
    expect(shown(session, '.reload nt')).toEqual([
      'nt: ISF symbols',
      '    symbols: right.json',
      expect.stringMatching(/^ {6}\(known addresses: \d+ addresses of the dump are where it has them/),
      '    refused: wrong.json',
      expect.stringMatching(/^ {6}\(1 of \d+ known addresses are others: PsLoadedModuleList is at \+0x/),
    ]);
    expect(system.types?.source).toBe('types of ntkrnlmp.pdb (ISF file)');
    expect(shown(session, 'dt nt!_POOL_HEADER')[0]).toBe('   +0x000 OnlyHere         : Uint2B');
    expect(shown(session, 'dt nt!_LIST_ENTRY')[0]).toMatch(/Flink/);
  });

  it('leaves all as it is without files, and says so', async () => {
    const session = await open(small, new TestSymbols({}));
    expect(shown(session, '.reload nt')[0]).toMatch(/^nt: (export|no) symbols$/);
    expect(session.analyze().report.missing.find(({ what }) => what === 'symbols for nt')?.why).toMatch(
      /^no file that belongs to it was found; /,
    );
    expect(shown(session, '.sympath')).toEqual(['Symbol search path is: test']);
  });

  it('goes on when files are damaged and when the source fails', async () => {
    const broken = symbolFile('isf', 'broken.json', utf8Bytes('{"symbols": '));
    const session = await open(small, new TestSymbols({}, [broken]));
    expect(shown(session, '.reload nt').at(-1)).toBe('      (the ISF file cannot be read: it is no JSON)');
    const failing: SymbolSource = {
      path: 'server',
      find: () => Promise.reject(new Error('the server did not answer')),
    };
    const other = await open(small, failing);
    expect(shown(other, '.reload nt').at(-1)).toBe('    the server did not answer');
    expect(other.analyze().report.missing.find(({ what }) => what === 'symbols for nt')?.why).toMatch(
      /^the server did not answer; /,
    );
  });
});

describe('symbols for a dump that tells the PDB', () => {
  it('asks for each module by its PDB: nt first, then those of the stack', async () => {
    const source = new TestSymbols({});
    const { system } = await open(kernelDump, source);
    const pdb = system.symbols.describeImage(system.kernel!.base)?.pdb;
    expect(pdb).toBeDefined();
    expect(source.asked[0]).toMatchObject({ kind: 'image', request: { module: 'nt', need: 'kernel' } });
    expect(source.asked.filter(({ request }) => request.module === 'nt').map(({ kind }) => kind)).toEqual([
      'image',
      'pdb',
      'isf',
      'profile',
    ]);
    const needs = source.asked.map(({ request }) => request.need);
    expect(needs).toEqual([...needs].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(new Set(needs)).toEqual(new Set(order));
    expect(new Set(source.asked.map(({ request }) => request.module)).size).toBe(system.modules.length);
  });

  it('takes a file with this identity, and refuses one with another', async () => {
    const plain = await open(kernelDump);
    const { guid, age } = plain.system.symbols.describeImage(plain.system.kernel!.base)!.pdb!;
    const withHelper = { ...symbols, OnlyInSymbols: symbols.KeBugCheckEx! + 1 };
    const right = symbolFile('isf', 'right.json', isfBytes({ guid, age, symbols: withHelper }));
    const session = await open(kernelDump, new TestSymbols({ 'nt isf': right }));
    const { system } = session;
    expect(system.symbols.nameOf(system.kernel!.base + BigInt(symbols.KeBugCheckEx! + 2))).toBe(
      'nt!OnlyInSymbols+0x1',
    );
    expect(shown(session, '? nt!OnlyInSymbols - nt!KeBugCheckEx')[0]).toMatch(/^Evaluate expression: 1 =/);
    expect(shown(session, 'x nt!OnlyIn*')[0]).toMatch(/nt!OnlyInSymbols/);
    expect(session.analyze().report.signature).toBe(plain.analyze().report.signature);
    const wrong = symbolFile('isf', 'wrong.json', isfBytes({ symbols: withHelper }));
    const other = await open(kernelDump, new TestSymbols({ 'nt isf': wrong }));
    expect(shown(other, '.reload nt').join('\n')).toMatch(/refused: wrong\.json\n {6}\(it is of PDB 01234/);
    expect(other.system.symbols.findAddress('nt!OnlyInSymbols')).toBeUndefined();
  });
});

const order = ['kernel', 'stack', 'loaded'];

describe('image files for what a small dump lacks', () => {
  const files = machine.images.list.map(
    ({ image }) =>
      [
        `${image.spec.module} image`,
        symbolFile('image', `${image.spec.module}.bin`, image.fileBytes()),
      ] as const,
  );
  const trusts = ({ system }: Session) => system.stackFrom(system.start!.registers).map(({ trust }) => trust);

  it('fill in function tables and code: the stack is unwound instead of scanned, and is the true one', async () => {
    const [before, after] = [
      await open(small),
      await open(small, new TestSymbols(Object.fromEntries(files))),
    ];
    const { system } = after;
    expect(system.symbols.moduleAt(system.kernel!.base)!.files.image?.match.by).toBe('time stamp and size');
    expect(trusts(before)).toContain('scan');
    expect(trusts(after)).not.toContain('scan');
    const ips = system.stackFrom(system.defaultScope!.registers).map(({ ip }) => ip);
    const truth = machine.truth.frames.map(({ ip }) => ip);
    expect(ips.slice(0, truth.length)).toEqual(truth.slice(0, ips.length));
    expect(ips.length).toBeGreaterThanOrEqual(truth.length - 1);
    expect(shown(after, '.reload nt').slice(0, 2)).toEqual(['nt: export symbols', '    image: nt.bin']);
  });

  it('are refused when they are others', async () => {
    const bytes = files.find(([name]) => name === 'nt image')![1].source;
    const other = new Uint8Array(bytes.size);
    bytes.readInto(0, other);
    const pe = new DataView(other.buffer).getUint32(0x3c, true);
    other[pe + 8]! ^= 1;
    const { system } = await open(
      small,
      new TestSymbols({ 'nt image': symbolFile('image', 'x.exe', other) }),
    );
    expect(system.symbols.search!.acquisitions.get(system.kernel!.base)!.tried[0]?.why).toMatch(
      /^its image has time stamp/,
    );
  });
});
