import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource } from '../io/index.ts';
import { openSession } from '../session.ts';
import { redact } from './redact.ts';

const reportOn = async (name: string) => {
  const machine = playScenario(scenarios.find((each) => each.name === name)!);
  const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })), {
    path: 'C:\\Users\\somebody\\MEMORY.DMP',
  });
  return session.analyze().report;
};

it('leaves out texts, and values that are text, wherever they are told', async () => {
  const report = await reportOn('article-1');
  const claimsOf = ({ verdict }: typeof report) => verdict.evidence.map(({ claim }) => claim).join('\n');
  expect(claimsOf(report)).toContain('4f4f4f4f4f4f4f4f');
  const said = redact(report);
  const text = JSON.stringify({ ...said, bugcheck: null });
  for (const content of ['OVERFLOW', 'OOOO', '4f4f4f4f', 'somebody']) expect(text).not.toContain(content);
  expect(said.fault?.address).toBeNull();
});

it('keeps the addresses that the reasoning is about', async () => {
  const report = await reportOn('article-1');
  const said = redact(report);
  expect(said.verdict.block).toEqual(report.verdict.block);
  expect(said.verdict.evidence.map(({ command }) => command)).toContain('!poolval fffffa8001a1b000');
  expect(said.verdict.evidence.some(({ claim }) => claim.includes('fffffa8001a1b820'))).toBe(true);
});
