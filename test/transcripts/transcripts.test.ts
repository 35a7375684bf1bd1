/// <reference types="vite/types/importMeta.d.ts" />
import { BufferSource, commands, lineText, openSession, type Session, type Step } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { type Area, type DumpName, dumpNamed } from './dumps.ts';
import { memoryHost, type TestFiles } from './memory-host.ts';
import { symbolFolder, symbolsFor } from './symbol-source.ts';

const files = import.meta.glob<{ area: Area }>('./areas/*.ts', { eager: true });
const areas = Object.values(files).map(({ area }) => area);
const runs = areas.flatMap(({ name, runs: byDump, files = {}, symbols = false }) =>
  Object.entries(byDump).map(([dump, lines]) => [name, dump as DumpName, lines ?? [], files, symbols] as const),
);

const answered = new Set<string>();
const refused = new Set<string>();

const open = async (dump: DumpName, files: TestFiles, symbols: Area['symbols']): Promise<Session> =>
  openSession(new BufferSource(dumpNamed(dump)), {
    path: `${dump}.dmp`,
    host: memoryHost(files, symbols === 'folder' ? symbolFolder(dump) : undefined),
    ...(symbols === true ? { symbols: symbolsFor(dump) } : {}),
  });

/** What the console prints for one line. */
async function outputOf(session: Session, line: string): Promise<string> {
  const lines: string[] = [];
  const run = session.run(line);
  for (let step = run.next(); step.done !== true; step = run.next()) {
    if (step.value.kind === 'wait') await step.value.until;
    lines.push(...linesOf(step.value, line));
  }
  return lines.join('\n');
}

function linesOf(step: Step, line: string): string[] {
  if (step.kind === 'lines') {
    answered.add(line);
    return step.lines.map((each) => lineText(each).trimEnd());
  }
  if (step.kind !== 'error') return [];
  refused.add(line);
  return [step.error.message, `  ${step.error.remedy}`];
}

describe('console transcripts', () => {
  it.each(runs)('%s on %s', async (area, dump, lines, scripts, symbols) => {
    const session = await open(dump, scripts, symbols);
    const answers: string[] = [];
    for (const line of lines) answers.push(`kd> ${line}\n${await outputOf(session, line)}\n`);
    await expect(answers.join('\n')).toMatchFileSnapshot(`golden/${area}-${dump}.txt`);
  });

  const isAbout = (name: string) => (line: string) =>
    line === name || (line.startsWith(name) && !/^[a-z]/i.test(line.slice(name.length)));
  it.each(commands.map(({ names }) => names[0]!))('%s has an answer and an error in a transcript', (name) => {
    expect([...answered].filter(isAbout(name)), 'answers').not.toEqual([]);
    expect([...refused].filter(isAbout(name)), 'errors').not.toEqual([]);
  });
});
