import { buildMachine, dumpBytes, type Machine, plantVerifier, type VerifierTruth } from '@poolscope/lab';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isfBytes, symbolFile } from '../../test/symbol-files.ts';
import { BufferSource } from '../io/index.ts';
import { runToEnd } from '../memory/index.ts';
import { openSession, type Session } from '../session.ts';
import { openSymbolFile } from '../symbols/index.ts';
import {
  describeLevel,
  type PoolLog,
  readPoolLog,
  readVerifierLog,
  readVerifierSettings,
  readWatchedIrps,
  reportVerifier,
  type VerifierLogKind,
  type VerifierTrace,
} from './index.ts';

interface Planted {
  readonly machine: Machine;
  readonly truth: VerifierTruth;
}

function plant(
  architecture: 'x64' | 'x86',
  change: (machine: Machine, truth: VerifierTruth) => void = () => undefined,
): Planted {
  let truth: VerifierTruth | undefined;
  const machine = buildMachine({
    architecture,
    prepare: (world, site) => (truth = plantVerifier(world, site)),
  });
  change(machine, truth!);
  return { machine, truth: truth! };
}

const open = async ({ machine }: Pick<Planted, 'machine'>): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));

/** Names of nt's variables, as a PDB would give them. */
function giveSymbols(session: Session, { truth: { modules } }: Machine): void {
  const nt = modules.find(({ module }) => module === 'nt')!;
  const symbols = Object.fromEntries([...nt.symbols].map(([name, va]) => [name, Number(va - nt.base)]));
  const { source, location } = symbolFile(
    'isf',
    'nt.json',
    isfBytes({ symbols, machine: session.system.machine }),
  );
  session.system.symbols
    .moduleAt(nt.base)
    ?.useTable(openSymbolFile(source, location), { by: 'PDB identity', why: 'it is of this machine' });
}

/** A variable of nt that a test damages. */
const write = ({ truth, space }: Machine, name: string, bytes: Uint8Array): void =>
  space.write(truth.symbols.get(`nt!${name}`)!, bytes);

const log = (session: Session, filter = {}): PoolLog => runToEnd(readPoolLog(session.system, filter));

describe.each(['x64', 'x86'] as const)('the verifier of %s', (architecture) => {
  const planted = plant(architecture);
  const { truth, machine } = planted;
  let plain: Session;
  let named: Session;
  beforeAll(async () => {
    plain = await open(planted);
    named = await open(planted);
    giveSymbols(named, machine);
  });

  it('has its level, options and counters', () => {
    const { address, level, options, unknownBits, statistics, missing } = readVerifierSettings(plain.system);
    expect({ address, level, unknownBits, missing }).toEqual({
      address: truth.address,
      level: truth.level,
      unknownBits: 0,
      missing: [],
    });
    const enabled = options.filter((option) => option.enabled).reduce((bits, { bit }) => bits | bit, 0);
    expect(enabled).toBe(truth.level);
    expect(statistics).toMatchObject({
      allocationsAttempted: truth.statistics.AllocationsAttempted,
      allocationsWithNoTag: truth.statistics.AllocationsWithNoTag,
      paged: {
        allocations: truth.statistics.CurrentPagedPoolAllocations,
        bytes: BigInt(truth.statistics.PagedBytes),
        peakBytes: BigInt(truth.statistics.PeakPagedBytes),
      },
      nonPaged: {
        peakAllocations: truth.statistics.PeakNonPagedPoolAllocations,
        peakBytes: BigInt(truth.statistics.PeakNonPagedBytes),
      },
    });
  });

  it('V-2: has a log of allocations, newest first, with symbols and without', () => {
    const expected = truth.poolLog.toReversed();
    for (const session of [plain, named]) {
      const { traces, used, missing, order } = log(session);
      expect(traces.map(({ slot: _slot, ...trace }) => trace)).toEqual(expected);
      expect({ used, missing, by: order?.by }).toEqual({ used: expected.length, missing: 0, by: 'empty' });
      expect(traces.map(({ slot }) => slot)).toEqual(expected.map((_, index) => expected.length - index));
    }
    expect(log(named).ring).toMatchObject({ from: 'nt!VfPoolTraces', length: 0x40, index: expected.length });
    expect(log(plain).ring).toMatchObject({ length: 0x40, index: undefined });
  });

  it('V-3: finds the entries of a block by every address in it', () => {
    const [block] = truth.blocks;
    const entries = (address: bigint) => log(plain, { address }).traces.length;
    expect(entries(block!.address)).toBe(1);
    expect(entries(block!.address + BigInt(block!.size) - 1n)).toBe(1);
    expect(entries(block!.address + BigInt(block!.size))).toBe(0);
    expect(entries(block!.address - 1n)).toBe(0);
    const freed = truth.blocks.find(({ name }) => name === 'freed')!;
    expect(log(plain, { address: freed.address + 5n }).traces.map(({ stack }) => stack)).toEqual(
      truth.poolLog
        .slice(-1)
        .concat(truth.poolLog.slice(-2, -1))
        .map(({ stack }) => stack),
    );
    expect(log(plain, { count: 2 }).traces).toEqual(log(plain).traces.slice(0, 2));
  });

  it('V-2: has a ring that came around, whose order is taken from the index', () => {
    const { traces, order } = runToEnd(readVerifierLog(named.system, 'irql'));
    expect(order?.by).toBe('index');
    expect(traces.map(({ irql }) => irql?.tickCount)).toEqual(
      truth.irqlLog
        .slice(-0x10)
        .toReversed()
        .map(({ TickCount }) => TickCount),
    );
    expect(traces[0]).toMatchObject({
      thread: truth.irqlLog.at(-1)!.thread,
      stack: truth.irqlLog.at(-1)!.stack,
    });
    expect(() => runToEnd(readVerifierLog(plain.system, 'irql'))).toThrow(
      /no symbols for nt!ViTrackIrqlQueue/,
    );
  });

  it('V-2: has logs of injected faults, critical regions and requests, newest first', () => {
    const { faults, criticalRegions, forcedPending, irps } = truth.irpLogs;
    const read = (kind: VerifierLogKind, filter = {}): Omit<VerifierTrace, 'slot'>[] =>
      runToEnd(readVerifierLog(named.system, kind, filter)).traces.map(({ slot: _slot, ...trace }) => trace);
    expect(faults).toHaveLength(2);
    expect(read('faults')).toEqual(faults.toReversed());
    expect(read('critical-regions')).toEqual(criticalRegions.toReversed());
    const [{ thread }] = criticalRegions as [(typeof criticalRegions)[0]];
    expect(read('critical-regions', { thread })).toEqual(
      criticalRegions.filter((each) => each.thread === thread).toReversed(),
    );
    if (architecture === 'x86') {
      expect(() => read('forced-pending')).toThrow(/_IOV_FORCED_PENDING_TRACE/);
      expect(() => read('irps')).toThrow(/_IOV_IRP_TRACE/);
      return;
    }
    expect(read('forced-pending').map(({ irp, ...trace }) => ({ ...trace, irp: irp?.address }))).toEqual(
      forcedPending.toReversed(),
    );
    const calls = irps.toReversed().map(({ irp, Irql, KernelApcDisable, SpecialApcDisable, ...trace }) => ({
      ...trace,
      irp: {
        address: irp,
        irql: Irql,
        kernelApcDisable: KernelApcDisable === 0xffff ? -1 : 0,
        specialApcDisable: SpecialApcDisable === 0xffff ? -1 : 0,
      },
    }));
    expect(read('irps')).toEqual(calls);
    const [{ irp }] = irps as [(typeof irps)[0]];
    expect(read('irps', { irp })).toEqual(calls.filter(({ irp: { address } }) => address === irp));
  });

  it('V-5: lists cancelled requests that are watched', () => {
    const read = (irp?: bigint) => runToEnd(readWatchedIrps(named.system, irp));
    if (architecture === 'x86') return expect(() => read()).toThrow(/_VF_WATCHDOG_IRP/);
    const expected = truth.irpLogs.watched.map((watched) => ({
      ...watched,
      stackLocation: 1,
      inserted: true,
      missing: [],
    }));
    expect(expected).toHaveLength(2);
    expect(read()).toEqual({ irps: expected, trouble: undefined });
    expect(read(expected[1]!.irp).irps).toEqual([expected[1]]);
    return expect(() => runToEnd(readWatchedIrps(plain.system))).toThrow(/no symbols for nt!VfWdIrpListHead/);
  });

  it('follows drivers and what they have not freed', () => {
    const { drivers } = runToEnd(reportVerifier(named.system, { drivers: true, allocations: true }));
    expect(drivers?.notes).toEqual([]);
    expect(
      drivers?.drivers.map(({ address, base, dataAddress, suspect }) => ({
        name: suspect?.name,
        base,
        target: address,
        data: dataAddress,
      })),
    ).toEqual(truth.drivers);
    expect(drivers?.absent.map(({ name }) => name)).toEqual(truth.suspects.slice(-1));
    const held = truth.blocks.filter(({ name }) => name !== 'freed');
    const [first, second] = drivers!.drivers;
    expect(first?.pool?.allocations.map(({ address, size }) => [address, size])).toEqual(
      held.map(({ address, size }) => [address, size]),
    );
    expect(first?.pool).toMatchObject({ isComplete: true, missingPages: 0 });
    expect(second?.pool?.allocations).toEqual([]);
    const only = runToEnd(reportVerifier(named.system, { drivers: true, image: 'StorFilt' }));
    expect(only.drivers?.drivers.map(({ suspect }) => suspect?.name)).toEqual(['storfilt.sys']);
    expect(only.drivers?.absent).toEqual([]);
    expect(() => runToEnd(reportVerifier(named.system, { drivers: true, image: 'nosuch' }))).toThrow(
      /no driver/,
    );
  });
});

describe('damage', () => {
  const damaged = async (change: (machine: Machine, truth: VerifierTruth) => void): Promise<Session> => {
    const planted = plant('x64', change);
    const session = await open(planted);
    giveSymbols(session, planted.machine);
    return session;
  };

  it.each([0, 0x7fff_ffff, 0xffff_ffff])('V-4: of the length of the log (%i) is refused', async (length) => {
    const session = await damaged((machine) =>
      write(machine, 'VfPoolTracesLength', new Uint8Array(Uint32Array.of(length).buffer)),
    );
    expect(() => log(session)).toThrow(/damaged/);
  });

  it('V-4: a log that is not in the dump is counted as missing', async () => {
    const session = await damaged((machine) =>
      write(machine, 'VfPoolTraces', new Uint8Array(BigUint64Array.of(0xffff_9a0c_0000_0000n).buffer)),
    );
    expect(log(session)).toMatchObject({ traces: [], used: 0, missing: 0x40 });
  });

  it('of any bytes of a dump ends in an answer or an error with a remedy', async () => {
    const planted = plant('x64');
    const whole = dumpBytes(planted.machine, { type: 'bitmap-kernel' });
    const change = fc.tuple(fc.integer({ min: 0x2000, max: whole.length - 1 }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 100, maxLength: 300 }), async (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const session = await openSession(new BufferSource(bytes)).catch(() => undefined);
        // The container itself is damaged, or its list of modules.
        if (session?.system.kernel === undefined) return;
        giveSymbols(session, planted.machine);
        for (const line of [3, 80, 8, 4, 40, 100, 200, 400]
          .map((flag) => `!verifier ${flag}`)
          .concat('!fpsearch'))
          for (const step of session.run(line))
            if (step.kind === 'error') expect(step.error.remedy).not.toBe('');
      }),
      { numRuns: 20 },
    );
  });

  it('V-2: a counter that leads to a record never written is not believed', async () => {
    const session = await damaged((machine) => {
      write(machine, 'VfForcedPendingIrps', Uint8Array.of(0x23, 0, 0, 0));
      write(machine, 'IovIrpTracesIndex', Uint8Array.of(0x1f, 0, 0, 0));
    });
    for (const [kind, count] of [
      ['forced-pending', 2],
      ['irps', 3],
    ] as const)
      expect(runToEnd(readVerifierLog(session.system, kind)).order).toEqual({ newest: count, by: 'empty' });
  });

  it('V-5: trees and lists of random bytes end', async () => {
    const planted = plant('x64');
    const { machine, truth } = planted;
    const node = truth.drivers[0]!.target - 0x20n;
    const places = [
      node,
      truth.drivers[1]!.target - 0x20n,
      truth.drivers[0]!.data + 0x40n,
      machine.truth.symbols.get('nt!ViTargetDriversAvl')!,
      truth.irpLogs.watched[0]!.address,
    ];
    const kept = places.map((va) => machine.space.read(va, 0x40));
    const pointers = [
      ...places,
      0n,
      0xffff_ffff_ffff_fff8n,
      machine.truth.symbols.get('nt!VfSuspectDriversList')!,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(pointers.length - 1), { minLength: 40, maxLength: 40 }),
        async (choice) => {
          for (const [index, va] of places.entries())
            machine.space.write(
              va,
              new Uint8Array(
                BigUint64Array.from(choice.slice(index * 8, index * 8 + 8), (each) => pointers[each]!).buffer,
              ),
            );
          const session = await open(planted);
          giveSymbols(session, machine);
          const report = runToEnd(reportVerifier(session.system, { drivers: true, allocations: true }));
          expect(report.drivers?.drivers.length).toBeLessThan(0x4000);
          expect(runToEnd(readWatchedIrps(session.system)).irps.length).toBeLessThan(0x1_0000);
        },
      ),
      { numRuns: 15 },
    );
    for (const [index, va] of places.entries()) machine.space.write(va, kept[index]!);
    const session = await open(planted);
    giveSymbols(session, machine);
    expect(runToEnd(reportVerifier(session.system, { drivers: true })).drivers?.notes).toEqual([]);
  });

  it('V-2: a full ring without an index says that nothing tells the newest entry', async () => {
    const session = await damaged((machine, { poolLog }) => {
      const base = machine.space.read(machine.truth.symbols.get('nt!VfPoolTraces')!, 8);
      const at = new DataView(base.buffer).getBigUint64(0, true);
      const record = machine.space.read(at + 0x80n, 0x80);
      for (let slot = 0; slot < 0x40; slot++) machine.space.write(at + BigInt(slot * 0x80), record);
      expect(poolLog.length).toBeLessThan(0x40);
    });
    expect(log(session).order?.by).toBe('index');
    const unnamed = { ...session.system, symbols: { findAddress: () => undefined } };
    const { kernel, modules, target, structures, data } = session.system;
    const found = runToEnd(readPoolLog({ ...unnamed, kernel, modules, target, structures, data } as never));
    expect(found).toMatchObject({ order: { by: 'none' }, used: 0x40 });
  });
});

it('V-1: a level names bits that nobody knows', () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.constantFrom(2600, 7601, 9600, 19041, 26100), (level, build) => {
      const { options, unknown } = describeLevel(level, build);
      const known = options.filter(({ enabled }) => enabled).reduce((bits, { bit }) => (bits | bit) >>> 0, 0);
      expect((known | unknown) >>> 0).toBe(level);
      expect(known & unknown).toBe(0);
    }),
  );
});
