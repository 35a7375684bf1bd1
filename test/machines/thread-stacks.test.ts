import {
  BufferSource,
  type ListedThread,
  lineText,
  openSession,
  type Session,
  walkThreadStacks,
} from '@poolscope/engine';
import { buildMachine, dumpBytes, type KernelWorld, type TrueFrame } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

const plain = buildMachine();
const planted = plain.truth.processes.flatMap(({ threads }) => threads);

async function open(prepare?: (world: KernelWorld) => void): Promise<Session> {
  const machine = buildMachine(prepare === undefined ? {} : { prepare });
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
  it('are those of the threads that ran and of those that wait', async () => {
    const { stacks, problems } = listOf(await open());
    expect(problems).toEqual([]);
    const found = new Map(stacks.map((stack) => [stack.thread, stack]));
    expect(new Set(found.keys())).toEqual(
      new Set([...planted.map(({ address }) => address), ...idleThreads()]),
    );
    expect(stacks).toHaveLength(found.size);
    expect(places(found.get(plain.thread.va)!.frames)).toEqual(places(plain.truth.frames));
    const waiting = planted.filter(({ frames }) => frames !== undefined);
    expect(waiting.length).toBeGreaterThan(5);
    for (const { address, id, processId, state, frames } of waiting) {
      expect(found.get(address)).toMatchObject({
        processId: BigInt(processId),
        threadId: BigInt(id),
        state,
        isPagedOut: false,
      });
      expect(places(found.get(address)!.frames)).toEqual(places(frames!));
    }
  });

  it('are listed with what each thread is at, and chosen by a name', async () => {
    const session = await open();
    const lines = session.execute('!stacks 2 kedelayexecutionthread').lines.map(lineText);
    const rows = lines.filter((line) => /^ {0,3}[0-9a-f]+\.[0-9a-f]{6} /.test(line));
    // Its newest frames are in functions that are not exported; the one that was asked for is further up.
    expect(rows).toEqual([expect.stringMatching(/^ *c98\.000ca0 .* Blocked {4}nt\+0x[0-9a-f]+$/)]);
    expect(session.execute('!stacks 0 nosuchname').data).toEqual([]);
  });

  it('end where a list runs in a circle, and say so', async () => {
    const session = await open((world) => {
      const { process, thread } = plain;
      // EPROCESS.ThreadListHead, ETHREAD.ThreadListEntry; the scheduler's list goes on where this one does not.
      for (const [head, link] of [
        [process.va + 0x5e0n, thread.va + 0x4e8n],
        [process.at('ThreadListHead'), thread.at('ThreadListEntry')],
      ] as const) {
        world.writePointer(head, link);
        world.writePointer(link, link);
      }
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
