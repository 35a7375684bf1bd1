import { BufferSource, lineText, openSession, openSymbolFile, type Session } from '@poolscope/engine';
import {
  buildMachine,
  dumpBytes,
  type KernelWorld,
  type Machine,
  type MachineOptions,
  type PrepareSite,
} from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { isfBytes } from '../../packages/engine/test/symbol-files.ts';
import { hasShared, openShared, sharedText } from '../shared-files.ts';

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Lines that the article shows for a command. */
function shown(command: string): string[] {
  const lines = sharedText('data/article-transcripts.txt').split('\n');
  const start = lines.indexOf(`kd> ${command}`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line === '' || line.startsWith('kd>') || line.startsWith('##'));
  return rest.slice(0, end);
}

const open = async (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));

const textOf = (session: Session, command: string): string[] => session.execute(command).lines.map(lineText);

/** The block of part 2: 0x800 bytes with the tag Wrap. */
function specialPage(pattern: number): Uint8Array {
  const bytes = new Uint8Array(0x1000).fill(pattern);
  new DataView(bytes.buffer).setUint32(0, 0x4800 | (pattern << 16), true);
  bytes.set(new TextEncoder().encode('Wrap'), 4);
  bytes.fill(0, 8, 0x18);
  return bytes;
}

interface LoggedTrace {
  readonly address: bigint;
  readonly size: bigint;
  readonly thread: bigint;
  readonly stack: readonly bigint[];
}

/** A ring whose newest record is the last of `traces`. */
function plantLog(
  world: KernelWorld,
  { loaded, tables }: PrepareSite,
  length: number,
  traces: readonly LoggedTrace[],
): void {
  const { pointerSize } = world;
  const size = tables.size('_VF_POOL_TRACE')!;
  const base = world.nonPagedPool.allocate(length * size, 0x1000);
  for (const [index, { address, size: bytes, thread, stack }] of traces.entries())
    for (const [at, value] of [address, bytes, thread, ...stack].entries())
      world.writePointer(base + BigInt((index + 1) * size + at * pointerSize), value);
  world.writePointer(loaded.address('nt!VfPoolTraces'), base);
  world.space.write(
    loaded.address('nt!VfPoolTracesLength'),
    Uint8Array.from([length, length >> 8, length >> 16, 0]),
  );
  world.space.write(loaded.address('nt!VfPoolTracesIndex'), Uint8Array.of(traces.length, 0, 0, 0));
}

function giveSymbols(session: Session, { truth: { modules } }: Machine): void {
  const nt = modules.find(({ module }) => module === 'nt')!;
  const symbols = Object.fromEntries([...nt.symbols].map(([name, va]) => [name, Number(va - nt.base)]));
  const source = new BufferSource(isfBytes({ symbols, machine: session.system.machine }));
  session.system.symbols
    .moduleAt(nt.base)!
    .useTable(openSymbolFile(source, 'nt.json'), { by: 'PDB identity', why: 'it is of this machine' });
}

describe.skipIf(!hasShared)('special pool of the article', () => {
  const options: MachineOptions = {
    prepare: ({ space }) => {
      space.allocate(0xffff_f980_0b5f_e000n, 0x1000, { writable: true });
      space.write(0xffff_f980_0b5f_e000n, specialPage(0x6d));
    },
  };

  it.each(['!pool fffff9800b5ff000', '!pool fffff9800b5ff000-1000'])('%s', async (command) => {
    const session = await open(buildMachine(options));
    // The copy of the article has lost what stands behind the owner's name.
    const expected = shown(command).filter((line) => !line.startsWith('Owning component'));
    expect(expected).toHaveLength(2);
    expect(textOf(session, command).slice(0, expected.length).map(words)).toEqual(expected.map(words));
  });

  it('the freed page is not there, and nothing is said that is not known', async () => {
    const session = await open(buildMachine(options));
    const rows = textOf(session, 'dd fffff9800a7fe7f0');
    expect(words(rows.join('\n'))).toEqual(words(shown('dd fffff9800a7fe7f0').join('\n')));
  });
});

describe('!verifier 80 of a block that is freed twice', () => {
  const block = 0xffff_f980_0a7f_e800n;
  const thread = 0xffff_fa80_01a3_7fa0n;
  const trace = (stack: readonly bigint[]): LoggedTrace => ({ address: block, size: 0x800n, thread, stack });
  const expected = [
    '',
    'Log of recent kernel pool Allocate and Free operations:',
    '',
    'There are up to 0x10000 entries in the log.',
    '',
    'Parsing 0x0000000000010000 log entries, searching for address 0xfffff9800a7fe800.',
    '',
    '='.repeat(70),
    'Pool block fffff9800a7fe800, Size 0000000000000800, Thread fffffa8001a37fa0',
  ];

  it.each(['without symbols', 'with symbols'])('%s: the free comes before the allocation', async (how) => {
    let stacks: bigint[][] = [];
    const machine = buildMachine({
      memoryPages: 8192,
      prepare: (world, site) => {
        const at = (name: string) => site.loaded.address(name) + 5n;
        stacks = [
          [at('nt!ExAllocatePoolWithTag'), at('nt!IofCallDriver')],
          [at('nt!ExFreePoolWithTag'), at('nt!IofCallDriver')],
        ];
        const other = { ...trace(stacks[0]!), address: block + 0x4000n };
        plantLog(world, site, 0x10000, [other, ...stacks.map(trace), other]);
      },
    });
    const session = await open(machine);
    if (how === 'with symbols') giveSymbols(session, machine);
    const lines = textOf(session, '!verifier 80 fffff9800a7fe800');
    expect(lines.slice(0, expected.length)).toEqual(expected);
    const free = lines.indexOf('fffff8041c201265 nt!ExFreePoolWithTag+0x5');
    const heads = lines.filter((line) => line.startsWith('Pool block'));
    expect(heads).toEqual([expected.at(-1), expected.at(-1)]);
    expect(free).toBe(expected.length);
    expect(lines.findIndex((line) => line.includes('ExAllocatePoolWithTag'))).toBeGreaterThan(free);
  });
});

/** Records of the example in the debugger's documentation: newest first, each with its stack. */
function documented(): { readonly heads: string[]; readonly traces: LoggedTrace[] } {
  const text = sharedText('logs/driver-docs/-verifier.md');
  const block = text.slice(text.indexOf('kd> !verifier 80 a2b1cf20')).split('```')[0]!;
  const number = (digits: string): bigint => BigInt(`0x${digits}`);
  const parts = block.split(/(?=^Pool block)/m).slice(1);
  const heads = parts.map((part) => part.split('\n')[0]!);
  const traces = parts.map((part) => {
    const [, address, size, thread] = /block (\w+), Size (\w+), Thread (\w+)/.exec(part)!;
    const stack = [...part.matchAll(/^(?:# )?([\da-f]{8}) \S+!/gm)].map(([, va]) => number(va!));
    return { address: number(address!), size: number(size!), thread: number(thread!), stack };
  });
  return { heads, traces };
}

describe.skipIf(!hasShared)('!verifier 80 of the documentation', () => {
  it('prints its blocks and stacks from their bytes', async () => {
    const { heads, traces } = documented();
    expect(traces.map(({ stack }) => stack.length)).toEqual([13, 13]);
    const machine = buildMachine({
      architecture: 'x86',
      prepare: (world, site) => plantLog(world, site, 0x400, traces.toReversed()),
    });
    const session = await open(machine);
    giveSymbols(session, machine);
    const lines = textOf(session, '!verifier 80 a2b1cf20');
    expect(lines.filter((line) => line.startsWith('Pool block'))).toEqual(heads);
    const addresses = lines.filter((line) => /^[\da-f]{8}( |$)/.test(line)).map((line) => words(line)[0]);
    expect(addresses).toEqual(traces.flatMap(({ stack }) => stack.map((va) => va.toString(16))));
  });

  it('a real small dump says what the debugger said of its verifier', async () => {
    const session = await openShared('notmyfault_4a/083125-14875-01.dmp');
    const [said] = words(sharedText('dumps/notmyfault_4a/_verifier.txt'));
    expect(() => session.execute('!verifier')).toThrow(`${said} Unable to get verifier list`);
  });

  it.each(['criticalrocket_111317-52015-01.dmp', 'training_d1.dmp'])(
    '%s: the verifier was off',
    async (name) => {
      const lines = textOf(await openShared(name), '!verifier');
      expect(lines).toContain('Verify Flags Level 0x00000000');
      expect(lines).toContain('    [ ] (0x00000001) Special pool');
    },
  );
});
