import {
  BufferSource,
  type ListedThread,
  lineText,
  openSession,
  type Session,
  walkThreadStacks,
} from '@poolscope/engine';
import { buildMachine, dumpBytes, type KernelWorld, type Machine, type TrueFrame } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

/*
 * A second thread in the crashed process: it waits in the callee of `frame`, on the crashed thread's stack (a stack of its
 * own would hold the same words).
 */

const plain = buildMachine();
const frame = plain.truth.frames.find(({ function: name }) => name === 'nt!IofCallDriver')!;
const switchFrameSize = 0x40n;

function addWaiter(world: KernelWorld, { process, thread, stack }: Machine): bigint {
  const waiter = world.create(world.profile.thread);
  waiter.setAll({
    Process: process.va,
    ApcStateProcess: process.va,
    State: 5,
    StackLimit: stack.limit,
    StackBase: stack.base,
    KernelStack: frame.sp - switchFrameSize,
    UniqueProcess: 0x1a4c,
    UniqueThread: 0x2000,
  });
  world.writePointer(frame.sp - 0x10n, frame.registers['rbp']!);
  world.linkList(process.at('ThreadListHead'), [thread.at('ThreadListEntry'), waiter.at('ThreadListEntry')]);
  return waiter.va;
}

async function open(prepare: (world: KernelWorld) => void): Promise<Session> {
  const machine = buildMachine({ prepare });
  return openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
}

function listOf(session: Session): { stacks: ListedThread[]; problems: readonly string[] } {
  const stacks: ListedThread[] = [];
  const walk = walkThreadStacks(session.system);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return { stacks, problems: step.value };
    stacks.push(step.value);
  }
}

const places = (frames: readonly (TrueFrame | ListedThread['frames'][number])[]) =>
  frames.map(({ ip, sp }) => [ip, sp]);

describe('the stacks of all threads', () => {
  it('are those of the threads that ran and of the one that waits', async () => {
    let waiter = 0n;
    const session = await open((world) => (waiter = addWaiter(world, plain)));
    const { stacks, problems } = listOf(session);
    expect(problems).toEqual([]);
    const found = new Map(stacks.map((stack) => [stack.thread, stack]));
    expect(new Set(found.keys())).toEqual(new Set([plain.thread.va, waiter, ...idleThreads()]));
    expect(stacks).toHaveLength(found.size);
    const { frames } = plain.truth;
    expect(places(found.get(plain.thread.va)!.frames)).toEqual(places(frames));
    expect(found.get(waiter)).toMatchObject({
      processId: 0x1a4cn,
      threadId: 0x2000n,
      state: 5,
      isPagedOut: false,
    });
    expect(places(found.get(waiter)!.frames)).toEqual(places(frames.slice(frames.indexOf(frame))));
  });

  it('are listed with what each thread is at, and chosen by a name', async () => {
    const session = await open((world) => addWaiter(world, plain));
    const lines = session.execute('!stacks 2 ntdeviceiocontrolfile').lines.map(lineText);
    const rows = lines.filter((line) => /^ {0,3}[0-9a-f]+\.[0-9a-f]{6} /.test(line));
    expect(rows.map((row) => row.replace(/^\S+ +\S+ \S+ /, ''))).toEqual([
      'RUNNING    nt!KeBugCheckEx',
      'Blocked    nt!IofCallDriver+0xa',
    ]);
    expect(session.execute('!stacks 0 nosuchname').data).toEqual([]);
  });

  it('end where a list runs in a circle, and say so', async () => {
    const session = await open((world) => {
      const { process, thread } = plain;
      world.writePointer(process.at('ThreadListHead'), thread.at('ThreadListEntry'));
      world.writePointer(thread.at('ThreadListEntry'), thread.at('ThreadListEntry'));
    });
    const { stacks, problems } = listOf(session);
    expect(stacks.filter(({ thread }) => thread === plain.thread.va)).toHaveLength(1);
    expect(problems.join()).toContain('the list of threads of');
    expect(session.execute('!stacks').lines.map(lineText).join('\n')).toMatch(/^The list of threads of/m);
  });

  it('are those of the processors alone where no list leads to them', async () => {
    const session = await open((world) =>
      world.writePointer(plain.truth.symbols.get('nt!PsActiveProcessHead')!, 0n),
    );
    const { stacks, problems } = listOf(session);
    expect(new Set(stacks.map(({ thread }) => thread))).toEqual(new Set([plain.thread.va, ...idleThreads()]));
    expect(problems).toHaveLength(1);
  });
});

/** The lab's idle threads: the other processor runs one, and the dump has the other one's state. */
function idleThreads(): bigint[] {
  const { processors, crashProcessor } = plain;
  const prcb = processors[crashProcessor]!.prcb;
  const bytes = plain.space.read(prcb.at('IdleThread'), 8);
  const idle = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return [
    ...processors.filter(({ number }) => number !== crashProcessor).map(({ thread }) => thread.va),
    idle,
  ];
}
