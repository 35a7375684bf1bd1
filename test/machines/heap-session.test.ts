/** The heap of a session in the memory of a whole machine: found by its session, read, damaged, and judged. */
import { BufferSource, lineText, openSession, readPoolHeaps, type Session } from '@poolscope/engine';
import { dumpBytes, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { PlantedHeaps } from '../../packages/engine/test/heap-memory.ts';

const build = 19_041;
const start = 0xffff_d41c_4000_0000n;
const [state, heap, segment] = [start + 0x10_0000n, start + 0x20_0000n, start + 0x30_0000n];
const subsegment = segment + 0x2000n;
const pageSize = 0x1000n;
const paged = 0x23;

const sessionOf = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
const textOf = (session: Session, line: string): string =>
  session.execute(line).lines.map(lineText).join('\n');

/** Writes a heap of the session that the crashed process is in; gives its chunks. */
function plant(machine: Machine, { system }: Session) {
  const heaps = readPoolHeaps(system);
  if (typeof heaps === 'string' || typeof heaps.state === 'string' || typeof heaps.keys.heapKey === 'string')
    throw new Error('the machine has heaps');
  const kernel = new PlantedHeaps(build, { names: ['*'] }, heap, heaps.keys.heapKey.value);
  kernel.addSegment(segment, [{ index: 2, units: 16, type: 'vs' }]);
  const chunks = kernel.addSubsegment(subsegment, [
    { size: 0x200, tag: 'Uswc', type: paged },
    { size: 0x300, tag: 'Gla1', type: paged },
    { size: 0x180, tag: 'Gla5', type: paged },
    { size: 0xffd0 - 0x680, free: true },
  ]);
  kernel.addTree([chunks.at(-1)!.address]);
  // The heap of the session is a heap for pool that is paged.
  kernel.set('_HEAP_VS_CONTEXT', kernel.member('_SEGMENT_HEAP', heap, 'VsContext'), { LockType: 0 });
  kernel.memory.map(state, kernel.structures.find('_EX_HEAP_SESSION_STATE')!.size);
  kernel.pointer(state, system.target.readPointer(heaps.state.value)!);
  kernel.set('_EX_HEAP_SESSION_STATE', state, { PagedHeap: heap });
  for (let page = state; page < start + 0x40_0000n; ) {
    const bytes = kernel.memory.tryRead(page, Number(pageSize));
    if (bytes instanceof Uint8Array) {
      machine.space.allocate(page, Number(pageSize), { writable: true });
      machine.space.write(page, bytes);
    }
    page = kernel.memory.nextCandidate(page) ?? start + 0x40_0000n;
  }
  const process = system.process!.address;
  const session = system.structures.at('_EPROCESS', process).pointer('Session')!;
  const at = session + BigInt(system.structures.offset('_MM_SESSION_SPACE', 'HeapState')!);
  machine.space.write(at, new Uint8Array(new BigUint64Array([state]).buffer));
  return chunks;
}

describe('the heap of a session', () => {
  let machine: Machine;
  let chunks: ReturnType<typeof plant>;
  let whole: Session;

  beforeAll(async () => {
    machine = playScenario(scenarios.find(({ name }) => name === 'null-pointer')!, { seed: 1, build });
    chunks = plant(machine, await sessionOf(machine));
    whole = await sessionOf(machine);
  });

  it('is listed as one, with how it was found', () => {
    const own = heap.toString(16);
    expect(textOf(whole, '!heap -s')).toMatch(
      new RegExp(`${own} +ddeeddee .*paged pool of a session, by HeapState of session 1`),
    );
    expect(textOf(whole, `!heap -a ${own}`)).toContain('3 blocks in use, 1 free');
    const text = chunks[1]!.block.toString(16);
    expect(textOf(whole, `!heap -x ${text}`)).toContain('paged pool of a session');
  });

  it('its blocks are those of session pool for every command', () => {
    const text = chunks[1]!.block.toString(16);
    const data = (chunks[0]!.block + 0x10n).toString(16);
    const pool = textOf(whole, `!pool ${text}`);
    expect(pool).toContain('region is Paged session pool');
    expect(pool).toMatch(new RegExp(`\\*${text} size: +2f0 .*\\(Allocated\\) +\\*Gla1`));
    expect(textOf(whole, '!poolfind Uswc -session')).toContain(data);
    expect(textOf(whole, '!poolfind Uswc -nonpaged')).not.toContain(data);
    expect(textOf(whole, '!poolcheck -all')).toMatch(/Paged session pool .* by the heap at ffffd41c40200000/);
  });

  it('an overrun in it is found by the search, and by the heap that stopped the machine', async () => {
    const letters = new TextEncoder().encode('a name that is longer than its block\0');
    // Sixteen letters are in the block, the others behind it.
    machine.space.write(chunks[1]!.address - 0x10n, letters.subarray(0, 0x20));
    const damaged = await sessionOf(machine);
    expect(textOf(damaged, '!poolcheck -all')).toMatch(/ffffd41c40302000 +Paged session pool +damaged/);
    const header = {
      ...machine.header,
      bugCheckCode: 0x13a,
      bugCheckParameters: [3n, heap + 0x100n, chunks[1]!.address, 0n],
    };
    const stopped = await sessionOf({ ...machine, header } as Machine);
    const { verdict } = stopped.analyze().report;
    expect(verdict).toMatchObject({
      kind: 'pool-overrun',
      block: { address: `0x${chunks[0]!.block.toString(16)}`, tag: 'Uswc', pool: 'session', allocator: 'vs' },
      damage: { start: `0x${chunks[1]!.address.toString(16)}`, pattern: 'text' },
    });
  });
});
