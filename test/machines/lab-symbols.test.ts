import { BufferSource, lineText, openSession, type Session, type SymbolSource } from '@poolscope/engine';
import {
  buildImage,
  buildMachine,
  type DumpKind,
  dumpBytes,
  imagePdb,
  type Machine,
  type MachineOptions,
  symbolStore,
} from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

/*
 * A machine's dump with the program databases that the lab writes for it: names, extents and structures come from them.
 */

/** By identity, as symbol stores do; for dumps that do not tell it, the kernel's is offered as a candidate. */
function symbolsOf(machine: Machine): SymbolSource {
  const files = new Map(symbolStore(machine).map(({ path, bytes }) => [path, new BufferSource(bytes)]));
  const fileAt = (kind: 'pdb' | 'image', path: string) => {
    const source = files.get(path);
    return source && { kind, location: path, source };
  };
  const hex = (value: number) => value.toString(16).toUpperCase();
  return {
    path: 'lab',
    find({ pdb, image, timestamp = 0, size }, kind) {
      if (kind === 'pdb' && pdb !== undefined)
        return Promise.resolve(fileAt(kind, `${pdb.name}/${pdb.guid}${hex(pdb.age)}/${pdb.name}`));
      const path = `${image}/${hex(timestamp).padStart(8, '0')}${size.toString(16)}/${image}`;
      return Promise.resolve(kind === 'image' ? fileAt(kind, path) : undefined);
    },
    async *candidates({ module }, kind) {
      const path = [...files.keys()].find((each) => each.startsWith('ntkrnlmp.pdb/'))!;
      if (module === 'nt' && kind === 'pdb') yield await Promise.resolve(fileAt('pdb', path)!);
    },
  };
}

const open = (machine: Machine, type: DumpKind): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type })), { symbols: symbolsOf(machine) });

const shown = (session: Session, command: string): string[] => session.execute(command).lines.map(lineText);

/** `module!name+0x12` of each frame of the stack, newest first. */
const framesOf = (session: Session): string[] =>
  shown(session, 'k')
    .slice(1)
    .map((line) => /(\S+) {2}\[\w+\]$/.exec(line)?.[1] ?? line);

const trueFrames = ({ truth }: Machine): string[] =>
  truth.frames.flatMap(({ function: name, offset }) =>
    name === undefined ? [] : [offset === 0 ? name : `${name}+0x${offset.toString(16)}`],
  );

const machines: readonly (readonly [string, MachineOptions])[] = [
  ['x64', {}],
  ['x64, page fault', { crash: 'page-fault' }],
  ['x64 of build 7601', { build: 7601 }],
  ['x64 of build 9200', { build: 9200 }],
  ['x86', { architecture: 'x86' }],
  ['x86, pool free', { architecture: 'x86', crash: 'pool-free' }],
  ['arm64', { architecture: 'arm64' }],
];

describe.each(machines)('the symbols of a machine of %s', (_name, options) => {
  const machine = buildMachine(options);

  it('belong to its images, and name every frame of the stack', async () => {
    const session = await open(machine, 'bitmap-kernel');
    for (const { module, pdb } of machine.truth.modules)
      expect(shown(session, `lm m ${module}`)[1]).toMatch(
        new RegExp(`\\(private pdb symbols\\) {2}\\S*${pdb.name}$`),
      );
    const names = trueFrames(machine);
    expect(names.length).toBeGreaterThan(5);
    expect(framesOf(session).slice(0, names.length)).toEqual(names);
  });

  it('give addresses of names', async () => {
    const session = await open(machine, 'bitmap-kernel');
    for (const [symbol, va] of machine.truth.symbols) {
      if (symbol.includes('__imp_')) continue;
      expect([symbol, session.execute(`? ${symbol}`).data]).toEqual([symbol, BigInt.asUintN(64, va)]);
    }
  });
});

describe('structures out of the kernel’s program database', () => {
  const machine = buildMachine();

  it('are shown with their bit fields', async () => {
    const session = await open(machine, 'bitmap-kernel');
    const rows = shown(session, 'dt nt!_POOL_HEADER').map((line) => line.trim().replaceAll(/ +/g, ' '));
    expect(rows).toEqual([
      '+0x000 PreviousSize : Pos 0, 8 Bits',
      '+0x000 PoolIndex : Pos 8, 8 Bits',
      '+0x000 Ulong1 : Uint4B',
      '+0x002 BlockSize : Pos 0, 8 Bits',
      '+0x002 PoolType : Pos 8, 8 Bits',
      '+0x004 PoolTag : Uint4B',
      '+0x008 AllocatorBackTraceIndex : Uint2B',
      '+0x008 ProcessBilled : Ptr64 _EPROCESS',
      '+0x00a PoolTagHash : Uint2B',
    ]);
  });

  it('read the same objects as the built-in tables do', async () => {
    const own = await open(machine, 'bitmap-kernel');
    const builtIn = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
    for (const command of ['!process 0 1', '!pcr', '!object \\', '!devnode 0 1', '!pfn 1'])
      expect([command, outcome(own, command)]).toEqual([command, outcome(builtIn, command)]);
    expect(shown(own, '!process 0 1').length).toBeGreaterThan(20);
  });
});

/** What a command shows, or why it does not. */
function outcome(session: Session, command: string): string[] {
  try {
    return shown(session, command);
  } catch (error) {
    return [String(error)];
  }
}

describe('a small dump, which does not tell the identity of the kernel’s program database', () => {
  const machine = buildMachine();
  /** Without image files, and nothing by identity. */
  const offering = (from: Machine): SymbolSource => ({
    ...symbolsOf(from),
    find: () => Promise.resolve(undefined),
  });
  const openSmall = (symbols: SymbolSource) =>
    openSession(new BufferSource(dumpBytes(machine, { type: 'triage' })), { symbols });

  it('gets it by the addresses that the dump tells', async () => {
    const session = await openSmall(offering(machine));
    expect(shown(session, '.reload nt').join(' ')).toMatch(/known addresses: \d+ addresses of the dump/);
    expect(framesOf(session)[1]).toBe(trueFrames(machine)[1]);
  });

  it('does not take that of a kernel whose variables lie elsewhere', async () => {
    const { spec } = machine.images.list[0]!.image;
    const variables = [{ name: 'Added', size: 0x40 }, ...(spec.variables ?? [])];
    const bytes = imagePdb(buildImage({ ...spec, variables }));
    const session = await openSmall({
      ...offering(machine),
      async *candidates({ module }, kind) {
        if (module === 'nt' && kind === 'pdb')
          yield await Promise.resolve({ kind, location: 'other.pdb', source: new BufferSource(bytes) });
      },
    });
    expect(shown(session, 'lm m nt')[1]).not.toContain('pdb symbols');
    expect(shown(session, '.reload nt').join(' ')).toContain('other.pdb');
  });

  it('has exact frames with the images of the symbol store', async () => {
    const session = await openSmall(symbolsOf(machine));
    const names = trueFrames(machine);
    expect(framesOf(session).slice(0, names.length)).toEqual(names);
    expect(shown(session, 'k').filter((line) => line.includes('[scan]'))).toEqual([]);
  });
});
