import { buildMachine, dumpBytes, type Machine } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { poolPage } from '../../test/pool-page.ts';
import { lineText } from '../commands/index.ts';
import { BufferSource } from '../io/index.ts';
import { runToEnd } from '../memory/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import { openSession, type Session } from '../session.ts';
import { kernelOfProcess } from '../system/index.ts';
import { describePool, findSession } from './index.ts';

const sessionOf = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));

const textOf = (session: Session, line: string): string[] => session.execute(line).lines.map(lineText);

/** A machine that crashed in System, which belongs to no session; that of the others has a page of pool. */
async function crashedInSystem() {
  const machine = buildMachine({ build: 7601, crash: 'system-thread' });
  const { system } = await sessionOf(machine);
  const { address: process } = machine.truth.processes.find(({ sessionId }) => sessionId === 1)!;
  const place = system.structures.at('_EPROCESS', process).pointer('Session')!;
  const memory = kernelOfProcess(system, process)?.target.memory;
  if (!(memory instanceof PagedMemory)) throw new Error('no page tables');
  const blocks = [
    // Where the number of the session stands, the header of a block has room.
    { tag: 'Gses', size: 0x100, type: 0x23, billed: 1n },
    { tag: 'Gdev', size: 0x400, type: 0x23 },
    { tag: 'Free', type: 0 },
  ];
  machine.memory.write(memory.translate(place).pa!, poolPage(8, place, blocks));
  return { session: await sessionOf(machine), process, place };
}

it('session space is read through the tables of the chosen process', async () => {
  const { session, process, place } = await crashedInSystem();
  const [text, own] = [place.toString(16), process.toString(16)];
  const without = textOf(session, `!pool ${text}`);
  expect(without).toContain(
    `Address ${text} could not be read. It may be a freed, invalid or paged out page`,
  );
  expect(without.at(-1)).toContain('which belongs to no session');
  expect(findSession(session.system, place)).toMatchObject({ sessionId: 'none' });
  session.execute(`.process /p ${own}`);
  const result = session.execute(`!pool ${text}`);
  const lines = result.lines.map(lineText);
  expect(lines[1]).toMatch(/^\*\w+ size: {2}100 previous size: {4}0 {2}\(Allocated\) \*Gses/);
  expect(lines.at(-1)).toContain(`that of process ${own} (session 1)`);
  expect(result.call).toContain(`engine.kernelOfProcess(session.system, 0x${own}n)`);
  expect(textOf(session, `!poolval ${text}`).at(-1)).toContain('session 1');
  const kernel = kernelOfProcess(session.system, process)!;
  expect(runToEnd(describePool(kernel, place))).toEqual(result.data);
  session.execute('.process');
  expect(textOf(session, `!pool ${text}`)).toEqual(without);
});

it('every command of the pool sees it through the chosen process', async () => {
  const { session, process, place } = await crashedInSystem();
  const [text, own] = [place.toString(16), process.toString(16)];
  const isWhole = (line: string): boolean => line.startsWith('Pages: 1 whole');
  expect(textOf(session, `!poolmap ${text}`).join(' ')).not.toContain('Gses');
  expect(textOf(session, `!poolcheck ${text} L1000`).some(isWhole)).toBe(false);
  session.execute(`.process /p ${own}`);
  const map = textOf(session, `!poolmap ${text}`);
  expect(map.join(' ')).toContain('Gses');
  expect(map.at(-1)).toContain(`that of process ${own} (session 1)`);
  const check = textOf(session, `!poolcheck ${text} L1000`);
  expect(check.some(isWhole)).toBe(true);
  expect(check.at(-1)).toContain('session 1');
  for (const line of [
    '!poolfind Gses -session',
    '!poolused 8',
    '!lookaside -all',
    '!poolbig',
    '!poolcheck -all',
  ])
    expect(session.execute(line).call).toContain(`engine.kernelOfProcess(session.system, 0x${own}n)`);
});

it('addresses outside of it say nothing of sessions', async () => {
  const { session, process } = await crashedInSystem();
  expect(findSession(session.system, process)).toBeUndefined();
  expect(findSession(session.system, 0x1000n)).toBeUndefined();
});
