import {
  BufferSource,
  findProcesses,
  findThread,
  lineText,
  openSession,
  type ProcessReport,
  readProcessorBlock,
  readProcessorIdentity,
  readProcessorRegion,
  readSavedIrql,
  reportProcess,
  reportRunning,
  reportThread,
  type Session,
} from '@poolscope/engine';
import {
  buildMachine,
  type DumpKind,
  dumpBytes,
  type Machine,
  type MachineOptions,
  type TrueProcess,
  type TrueThread,
} from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';

const open = (machine: Machine, type: DumpKind): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type })));

const textOf = (session: Session, command: string): string =>
  session.execute(command).lines.map(lineText).join('\n');

const everyThread = ({ truth }: Machine): TrueThread[] => truth.processes.flatMap(({ threads }) => threads);

const machines: readonly (readonly [string, MachineOptions, DumpKind])[] = [
  ['x64', {}, 'bitmap-kernel'],
  ['x64 with five levels', { paging: 'la57' }, 'full'],
  ['x64, a thread of the kernel', { crash: 'system-thread' }, 'full'],
  ['x86 with PAE', { architecture: 'x86' }, 'full'],
  ['x86', { architecture: 'x86', paging: 'x86' }, 'summary'],
  ['arm64', { architecture: 'arm64' }, 'full'],
  ['Windows 7', { build: 7601 }, 'full'],
  ['Windows 8', { build: 9200 }, 'bitmap-kernel'],
  ['Windows 8.1', { build: 9600 }, 'full'],
  ['Windows 10 1809', { build: 17_763 }, 'full'],
  ['Windows 7, x86', { architecture: 'x86', build: 7601 }, 'full'],
];

describe.each(machines)('processes and threads of %s', (_name, options, kind) => {
  const machine = buildMachine(options);
  const { processes } = machine.truth;
  let session: Session;
  beforeAll(async () => {
    session = await open(machine, kind);
  });
  const report = ({ address }: TrueProcess): ProcessReport =>
    reportProcess(session.system, address, { statistics: true, threads: 'stack' });

  it('are found in the order of the list, by ID and by name', () => {
    expect(findProcesses(session.system)).toEqual(processes.map(({ address }) => address));
    expect(processes.length).toBeGreaterThan(3);
    for (const { id, imageName, address } of processes) {
      expect(findProcesses(session.system, { id: BigInt(id) })).toEqual([address]);
      expect(findProcesses(session.system, { imageName: imageName.toUpperCase() })).toEqual([address]);
    }
    for (const { id, address } of everyThread(machine))
      expect(findThread(session.system, BigInt(id))).toBe(address);
    expect(findThread(session.system, 0x777n)).toBeUndefined();
  });

  it('have their IDs, names, page tables and threads', () => {
    for (const truth of processes) {
      const { process, threads } = report(truth);
      expect(process).toMatchObject({
        id: BigInt(truth.id),
        parentId: BigInt(truth.parentId),
        imageName: truth.imageName,
        directoryTableBase: truth.directoryTableBase,
      });
      expect(threads?.map(({ thread }) => [thread.address, thread.id, thread.processId])).toEqual(
        truth.threads.map(({ address, id }) => [address, BigInt(id), BigInt(truth.id)]),
      );
    }
  });

  it('have threads in the states that they were left in', () => {
    for (const { address, state, waitReason } of everyThread(machine)) {
      const { thread } = reportThread(session.system, address, 'line');
      expect(thread.state?.value).toBe(state);
      expect(thread.wait?.reason?.value).toBe(waitReason);
    }
    const crashed = reportThread(session.system, machine.thread.va, 'line').thread;
    expect([crashed.state?.name, crashed.processor]).toEqual(['Running', machine.crashProcessor]);
  });

  it('have stacks that begin where each was switched away from', () => {
    for (const { address, frames } of everyThread(machine)) {
      const { stack } = reportThread(session.system, address);
      if (frames === undefined) expect(stack?.[0]?.trust).toBe('context');
      // What a switch leaves there is not published for arm64.
      else if (session.system.machine === 'arm64') expect(stack).toBeUndefined();
      else {
        const shown = session.system.machine === 'x64' ? frames : frames.slice(0, 1);
        expect(stack?.slice(0, shown.length).map(({ ip, sp }) => [ip, sp])).toEqual(
          shown.map(({ ip, sp }) => [ip, sp]),
        );
      }
    }
  });

  it('have addresses that commands take', () => {
    for (const { address, imageName } of processes) {
      expect(textOf(session, `!process ${address.toString(16)} 1`)).toContain(`Image: ${imageName}`);
      expect(textOf(session, `.process ${address.toString(16)}`)).toMatch(/^Implicit process is now /);
    }
  });
});

describe('what was planted in an x64 machine', () => {
  const machine = buildMachine();
  const { processes, processors } = machine.truth;
  let session: Session;
  beforeAll(async () => {
    session = await open(machine, 'full');
  });

  it('is told of each process', () => {
    for (const { address, figures, sessionId, token, objectTable, vadRoot, deviceMap } of processes) {
      const { process, statistics } = reportProcess(session.system, address, { statistics: true });
      expect(process).toMatchObject({
        sessionId: sessionId ?? 'none',
        objectTable,
        handles: { count: figures.handles, isWhole: figures.strictOrder },
        missing: [],
      });
      const [now, min, max] = figures.workingSet.map(BigInt);
      expect(statistics).toMatchObject({
        token,
        vadRoot,
        deviceMap,
        userTicks: figures.userTicks,
        kernelTicks: figures.kernelTicks,
        clock: { tick: 156_250 },
        basePriority: figures.basePriority,
        vads: BigInt(figures.vads),
        privatePages: BigInt(figures.privatePages),
        modifiedPages: BigInt(figures.modifiedPages),
        lockedPages: BigInt(figures.lockedPages),
        pagedQuota: BigInt(figures.pagedQuota),
        nonPagedQuota: BigInt(figures.nonPagedQuota),
        workingSet: { now, min, max },
        peakWorkingSet: BigInt(figures.peakWorkingSet),
        virtualSize: figures.virtualSize,
        peakVirtualSize: figures.peakVirtualSize,
        pageFaults: figures.pageFaults,
        memoryPriority: figures.memoryPriority,
        commitCharge: BigInt(figures.commitCharge),
        missing: [],
      });
    }
  });

  it('is told of each thread', () => {
    const names: Readonly<Record<string, string>> = {
      'notification-event': 'NotificationEvent',
      'synchronization-event': 'SynchronizationEvent',
      mutant: 'Mutant',
      queue: 'QueueObject',
      semaphore: 'Semaphore',
      timer: 'NotificationTimer',
    };
    for (const truth of everyThread(machine)) {
      const { thread, details } = reportThread(session.system, truth.address);
      const { figures, waitsFor } = truth;
      expect((thread.wait?.objects ?? []).map(({ address, name }) => [address, name])).toEqual(
        waitsFor.map(({ kind, address }) => [address, names[kind]]),
      );
      expect(details).toMatchObject({
        attached: truth.attached ?? 'none',
        contextSwitches: figures.contextSwitches,
        userTicks: figures.userTicks,
        kernelTicks: figures.kernelTicks,
        waitTime: figures.waitTime,
        idealProcessor: figures.idealProcessor,
        win32StartAddress: figures.win32StartAddress,
        stack: { resident: true },
        priority: {
          current: figures.priority,
          base: figures.basePriority,
          io: figures.ioPriority,
          page: figures.pagePriority,
        },
        missing: [],
      });
      expect(details?.impersonation !== 'none').toBe(truth.impersonates);
    }
    const owners = everyThread(machine).flatMap(
      ({ address }) => reportThread(session.system, address).thread.wait?.objects ?? [],
    );
    expect(owners.filter(({ owner }) => owner === machine.thread.va)).toHaveLength(1);
    expect(owners.filter(({ limit }) => limit === 0x7fff_ffff)).toHaveLength(1);
  });

  it('is told of each processor', () => {
    for (const [index, truth] of processors.entries()) {
      const processor = session.system.processors[index]!;
      expect(readSavedIrql(session.system, processor)).toMatchObject({
        processor: truth.number,
        irql: truth.savedIrql,
      });
      expect(readProcessorIdentity(session.system, processor)).toMatchObject({
        family: 6,
        model: truth.model,
        stepping: truth.stepping,
        manufacturer: 'GenuineIntel',
        mhz: 2800,
        features: truth.features,
        updateSignature: truth.updateSignature,
      });
      expect(readProcessorBlock(session.system, processor)).toMatchObject({
        address: truth.prcb,
        groupIndex: truth.number,
        groupSetMember: 1n << BigInt(truth.number),
        interruptCount: truth.interruptCount,
        dpcTime: truth.dpcTicks,
        interruptTime: truth.interruptTicks,
        kernelTime: truth.kernelTicks,
        userTime: truth.userTicks,
        dpcQueues: [
          { depth: 0, count: truth.dpcCount },
          { depth: 0, count: 0 },
        ],
      });
      expect(readProcessorRegion(session.system, processor)).toMatchObject({
        self: truth.prcb - 0x180n,
        prcb: truth.prcb,
        idt: truth.idt,
        gdt: truth.gdt,
        tss: truth.tss,
        majorVersion: 1,
      });
    }
    const [idle, crashed] = session.system.processors.map((processor) =>
      reportRunning(session.system, processor),
    );
    expect([idle?.isIdle, crashed?.isIdle]).toEqual([true, false]);
    expect(crashed?.current).toEqual({ thread: machine.thread.va, priority: 12 });
  });

  it('is seen through each process’s own page tables', () => {
    const marked = processes.filter(({ marker }) => marker !== undefined);
    expect(marked.length).toBeGreaterThan(3);
    for (const { address, marker, id } of marked) {
      session.execute(`.process ${address.toString(16)}`);
      expect(session.console.memory.tryReadU32(marker!)).toBe(id);
      expect(session.console.process).toBe(address);
    }
    session.execute('.process');
    expect(session.console.memory.tryReadU32(marked[0]!.marker!)).toBe(0x1a4c);
    expect(session.console.process).toBeUndefined();
  });

  it('changes the registers that commands work with, until .thread goes back', () => {
    const before = session.console.scope?.registers.ip;
    for (const { address, frames } of everyThread(machine)) {
      session.execute(`.thread ${address.toString(16)}`);
      const { scope } = session.console;
      expect(scope?.registers.ip).toBe(frames === undefined ? before : frames[0]!.ip);
      expect(scope?.kind).toBe(frames === undefined ? 'context' : 'switch');
    }
    session.execute('.thread');
    expect(session.console.scope?.registers.ip).toBe(before);
  });
});

describe('the IRQL before a bug check', () => {
  it.each([
    ['page-fault', '2 (DISPATCH_LEVEL)'],
    ['service-exception', '0 (LOW_LEVEL)'],
  ] as const)('of %s is %s', async (crash, text) => {
    const session = await open(buildMachine({ crash }), 'triage');
    expect(textOf(session, '!irql')).toBe(`Debugger saved IRQL for processor 0x1 -- ${text}`);
  });

  it('is told by the bug check where the layout does not tell it', async () => {
    const session = await open(buildMachine({ crash: 'page-fault', architecture: 'arm64' }), 'triage');
    expect(textOf(session, '!irql')).toBe(
      [
        'Debugger saved IRQL for processor 0x1 -- ????',
        'It is not known: there is no built-in profile for arm64.',
        "The bug check's second parameter tells IRQL 2 (DISPATCH_LEVEL).",
      ].join('\n'),
    );
  });
});

describe('a kernel without a profile', () => {
  it.each(['full', 'triage'] as const)('SP-12: its lists tell where they are linked (%s)', async (kind) => {
    const machine = buildMachine({ architecture: 'arm64' });
    const { system } = await open(machine, kind);
    expect(system.types).toBeUndefined();
    expect(system.structures.offset('_EPROCESS', 'ActiveProcessLinks')).toBeUndefined();
    const { thread } = reportThread(system, machine.thread.va, 'line');
    expect([thread.processId, thread.id]).toEqual([0x1a4cn, 0x1b20n]);
    const places = [
      ['_EPROCESS', 'ActiveProcessLinks', 0x400],
      ['_EPROCESS', 'UniqueProcessId', 0x3f8],
      ['_KPROCESS', 'ThreadListHead', 0x30],
      ['_KTHREAD', 'ThreadListEntry', 0x318],
      ['_ETHREAD', 'Cid', 0x4e8],
    ] as const;
    for (const [name, path, offset] of places) expect(system.structures.offset(name, path)).toBe(offset);
  });
});

describe('damaged lists', () => {
  const plain = buildMachine();
  const [, smss, csrss] = plain.truth.processes;
  /** EPROCESS.ActiveProcessLinks of this build. */
  const links = 0x448n;
  const damaged = (at: bigint, value: bigint): Promise<Session> =>
    open(buildMachine({ prepare: (world) => world.writePointer(at, value) }), 'bitmap-kernel');

  it('a list that runs in a circle ends, and is said to', async () => {
    const session = await damaged(csrss!.address + links, smss!.address + links);
    const text = textOf(session, '!process 0 0');
    expect(text.match(/^PROCESS /gm)).toHaveLength(4);
    expect(text).toContain('Image: recordsvc.exe');
    expect(text).toMatch(/The list of processes is not whole: it runs in a circle behind the link at /);
  });

  it('a list that leads nowhere shows what is before, and what ran', async () => {
    const session = await damaged(smss!.address + links, 0xffff_dead_0000_0000n);
    const text = textOf(session, '!process 0 0');
    expect(text).toContain('Image: smss.exe');
    expect(text).not.toContain('Image: csrss.exe');
    expect(text).toContain('Image: recordsvc.exe');
    expect(text).toMatch(/The list of processes is not whole: it is cut: the link at /);
  });

  it('one of the two lists of threads is enough', async () => {
    // EPROCESS.ThreadListHead: the executive's list.
    const session = await damaged(smss!.address + 0x5e0n, 0n);
    const { threads } = reportProcess(session.system, smss!.address, { threads: 'line' });
    expect(threads?.map(({ thread }) => thread.address)).toEqual(smss!.threads.map(({ address }) => address));
  });
});
