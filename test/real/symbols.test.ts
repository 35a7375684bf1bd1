import { existsSync, readdirSync } from 'node:fs';
import {
  BufferSource,
  identifySymbolFile,
  lineText,
  openSession,
  openSymbolFile,
  packProfile,
  type Session,
  type SymbolFile,
  type SymbolSource,
} from '@poolscope/engine';
import { builtInKernels } from '@poolscope/engine/layouts';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedBytes, sharedPath } from '../shared-files.ts';

const isfFolder = 'symbols/isf/';

const isfNames = hasShared ? readdirSync(sharedPath(isfFolder)).filter((name) => name.endsWith('.xz')) : [];

const isfFile = (name: string): SymbolFile => ({
  kind: 'isf',
  location: name,
  source: new BufferSource(sharedBytes(isfFolder + name)),
});

/** Offers some ISF files to nt without saying which is right. */
function offering(...names: readonly string[]): SymbolSource {
  const files = names.map(isfFile);
  return {
    path: 'shared',
    find: () => Promise.resolve(undefined),
    async *candidates(request, kind) {
      if (request.module !== 'nt' || kind !== 'isf') return;
      for (const file of files) yield await Promise.resolve(file);
    },
  };
}

const open = (dump: string, symbols: SymbolSource): Promise<Session> =>
  openSession(new BufferSource(sharedBytes(`dumps/${dump}`)), { path: dump, symbols });

const names = (session: Session): string[] =>
  session.analyze().report.stack.map(({ symbol, module }) => symbol ?? module ?? '');

const [of3448, of804, of3570] = [
  '79BE8C368BEC7DD9677EA9B355ACE784-1.json.xz',
  '5278AFF86C341677D7D7835C85B7B844-1.json.xz',
  '606FF669409B00F7FC8C61A9C1670129-1.json.xz',
] as const;
const ojusha = 'ojusha-help_100623-4953-01.dmp';

describe.skipIf(!hasShared)('ISF files and the small dumps that they belong to', () => {
  let session: Session;
  beforeAll(async () => {
    session = await open(ojusha, offering(of804, of3570, of3448));
  });

  it('finds the one that belongs to the kernel by the addresses that the dump itself names', () => {
    const { system } = session;
    const found = [...system.symbols.search!.acquisitions.values()].find(({ tried }) => tried.length > 0);
    expect(found?.tried.map(({ location, match }) => [location, match?.by])).toEqual([
      [of804, undefined],
      [of3570, undefined],
      [of3448, 'known addresses'],
    ]);
    expect(found?.tried[2]?.why).toMatch(
      /^30 addresses of the dump are where it has them, 2 of them in code/,
    );
    expect(system.symbols.kindOf(system.kernel!.base)).toBe('isf');
  });

  it('finds the instruction pointer at nt!KeBugCheckEx exactly', () => {
    const { system } = session;
    expect(system.symbols.nameOf(system.processorContext!.value.ip!)).toBe('nt!KeBugCheckEx');
  });

  it('names every frame of nt', () => {
    const ours = names(session).filter((name) => name.startsWith('nt'));
    expect(ours).toContain('nt!MiDeleteSubsectionPages');
    expect(ours).toContain('nt!PspSystemThreadStartup');
    // On the stack as an argument: nothing returns to the first byte of a function.
    expect(ours).not.toContain('nt!MiDereferenceSegmentThread');
    expect(ours.filter((name) => !name.startsWith('nt!'))).toEqual([]);
  });

  it('reads structures by the types of this very kernel', () => {
    const lines = session.execute('dt nt!_EPROCESS @$proc ImageFileName UniqueProcessId').lines.map(lineText);
    expect(lines).toEqual([
      '   +0x440 UniqueProcessId : 0x00000000`00000004 Void',
      '   +0x5a8 ImageFileName : [15]  "System"',
    ]);
    expect(session.system.types!.exact).toBe(true);
  });

  it('has no symbols of nt among what is missing, and the same signature as without', async () => {
    const plain = await openSession(new BufferSource(sharedBytes(`dumps/${ojusha}`)));
    const [ours, bare] = [session.analyze().report, plain.analyze().report];
    expect(bare.missing.map(({ what }) => what)).toContain('symbols for nt');
    expect(ours.missing.map(({ what }) => what)).not.toContain('symbols for nt');
    expect(ours.signature).toBe(bare.signature);
    expect(ours.modules[0]?.symbols).toBe('isf');
  });

  it('shows the way to the crash in triage_x64, every frame of nt with a name', async () => {
    const triage = await open('triage_x64.dmp', offering(of3448, of804));
    const ours = names(triage).filter((name) => name.startsWith('nt'));
    expect(ours).toContain('nt!PnpDeviceActionWorker');
    expect(ours).toContain('nt!ExpWorkerThread');
    expect(ours).toContain('nt!PspSystemThreadStartup');
    expect(ours.filter((name) => !name.startsWith('nt!'))).toEqual([]);
  });

  it('refuses files of other revisions with the reason, and goes on without', async () => {
    const other = await open(ojusha, offering(of804, of3570));
    const { system } = other;
    const found = system.symbols.search!.acquisitions.get(system.kernel!.base);
    expect(found?.tried.map(({ match }) => match)).toEqual([undefined, undefined]);
    expect(found?.tried[1]?.why).toMatch(
      /^18 of 30 known addresses are others: KiCallUserMode is at \+0x400f80 here/,
    );
    expect(system.symbols.kindOf(system.kernel!.base)).toBe('profile');
    expect(other.analyze().report.missing.find(({ what }) => what === 'symbols for nt')?.why).toMatch(
      /^none of 2 files given belongs to it; built-in profile of nt 10\.0\.19041\.3448 names only/,
    );
  });

  it('serves the same names and structures out of a packed profile', async () => {
    const table = openSymbolFile(isfFile(of3448).source, of3448);
    const bytes = packProfile(table, { allNames: true });
    const profile: SymbolFile = { kind: 'profile', location: 'packed', source: new BufferSource(bytes) };
    const packed = await open(ojusha, {
      path: 'packed',
      find: () => Promise.resolve(undefined),
      async *candidates(_, kind) {
        if (kind === 'profile') yield await Promise.resolve(profile);
      },
    });
    expect(packed.system.symbols.kindOf(packed.system.kernel!.base)).toBe('profile');
    expect(names(packed)).toEqual(names(session));
    const ask = (from: Session) => from.execute('dt nt!_EPROCESS @$proc').lines.map(lineText);
    expect(ask(packed)).toEqual(ask(session));
  });
});

describe.skipIf(!hasShared)('names of nt that are built in', () => {
  const dumps = hasShared
    ? readdirSync(sharedPath('dumps'), { recursive: true, encoding: 'utf8' }).filter(
        (name) =>
          // One of them is empty: it holds only zeros.
          name.endsWith('.dmp') && sharedBytes(`dumps/${name}`)[0] === 0x50,
      )
    : [];
  const own: Readonly<Record<string, string>> = {
    [ojusha]: '10.0.19041.3448',
    'triage_x64.dmp': '10.0.19041.804',
  };

  it.each(dumps)('SP-13: %s', async (name) => {
    const { system } = await openShared(name);
    const nt = system.kernel === undefined ? undefined : system.symbols.moduleAt(system.kernel.base);
    const used = nt?.files.symbols;
    const version = own[name];
    expect(used?.location).toBe(version === undefined ? undefined : `built-in profile of nt ${version}`);
    if (version !== undefined) expect(used!.match.by).toBe('known addresses');
  });

  it('name variables and the instruction pointer of the crash as the ISF file does', async () => {
    const [{ system }, full] = [await openShared(ojusha), await open(ojusha, offering(of3448))];
    expect(system.symbols.nameOf(system.processorContext!.value.ip!)).toBe('nt!KeBugCheckEx');
    const nt = system.symbols.moduleAt(system.kernel!.base)!;
    const names = [...nt.names()];
    expect(names.length).toBeGreaterThan(400);
    for (const name of names)
      expect(system.symbols.findAddress(`nt!${name}`), name).toBe(
        full.system.symbols.findAddress(`nt!${name}`),
      );
    expect(system.symbols.findAddress('nt!ViTargetDriversAvl')).toBeDefined();
    // Return addresses are inside of functions, of which a small dump does not tell the bounds.
    for (const { ip } of system.stackFrom(system.start!.registers)) {
      const ours = system.symbols.locate(ip);
      if (ours?.module.name === 'nt') expect([undefined, 0]).toContain(ours.name && ours.offset);
    }
  });

  it.each(isfNames)('SP-13: are those of %s', (name) => {
    const table = openSymbolFile(isfFile(name).source, name);
    const kernel = builtInKernels.find(({ pdb }) => name.startsWith(pdb.guid))!;
    const places = kernel.places();
    const wrong = places.filter(({ name: symbol, rva }) => table.rvaOf(symbol) !== rva);
    expect(wrong).toEqual([]);
    expect(places.length).toBeGreaterThan(350);
  });
});

describe.skipIf(!hasShared)('all ISF files at hand', () => {
  it.each(isfNames)('%s: identity by its beginning, each name found at its place', (name) => {
    const { source } = isfFile(name);
    const guid = name.slice(0, 32);
    expect(identifySymbolFile(source, name)).toMatchObject({
      kind: 'isf',
      pdb: { guid, age: 1 },
      machine: 'x64',
    });
    const table = openSymbolFile(source, name);
    let count = 0;
    for (const { name: symbol, rva } of table.names()) {
      count++;
      if (table.rvaOf(symbol) !== rva || table.nameAt(rva)?.offset !== 0) expect.fail(`${symbol} is lost`);
    }
    expect(count).toBeGreaterThan(15_000);
  });
});

describe.skipIf(!hasShared)('real images and their program databases', () => {
  const folder = 'pdbs/';
  const files = hasShared
    ? readdirSync(sharedPath(folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.pdb'),
      )
    : [];
  const imageOf = (pdb: string) =>
    ['.exe', '.dll', '.sys']
      .map((end) => pdb.replace(/\.pdb$/, end))
      .find((name) => existsSync(sharedPath(folder + name)));
  const pairs = files.flatMap((pdb) => {
    const image = imageOf(pdb);
    return image === undefined ? [] : [[pdb, image] as const];
  });
  const source = (name: string) => new BufferSource(sharedBytes(folder + name));

  it('are there', () => expect(pairs.length).toBeGreaterThanOrEqual(18));

  it.each(pairs)('%s belongs to %s by GUID, age and machine, and names each of its places', (pdb, image) => {
    const [ofPdb, ofImage] = [identifySymbolFile(source(pdb), pdb), identifySymbolFile(source(image), image)];
    expect(ofPdb).toMatchObject({ kind: 'pdb', machine: ofImage!.machine });
    expect([ofPdb!.pdb!.guid, ofPdb!.pdb!.age]).toEqual([ofImage!.pdb!.guid, ofImage!.pdb!.age]);
    const table = openSymbolFile(source(pdb), pdb);
    for (const { name, rva } of table.names())
      if (table.nameAt(rva) === undefined) expect.fail(`${name} is lost`);
    expect(table.damage).toBeUndefined();
  });

  it('a damaged file is refused', () => {
    expect(identifySymbolFile(source('misc/fuzzed.pdb'), 'fuzzed.pdb')).toBeUndefined();
  });
});
