/// <reference types="vite/types/importMeta.d.ts" />
import * as engine from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { type Area, type DumpName, dumpNamed } from './dumps.ts';
import { memoryHost } from './memory-host.ts';
import { symbolFolder, symbolsFor } from './symbol-source.ts';

const files = import.meta.glob<{ area: Area }>('./areas/*.ts', { eager: true });
const runs = Object.values(files).flatMap(({ area }) =>
  Object.entries(area.runs).map(([dump, lines]) => [area.name, dump as DumpName, lines ?? [], area] as const),
);

/** What `explain` prints has to be true: evaluated over the same session, it gives the data of the answer. */
describe('the engine call behind an answer', () => {
  it.each(runs)('%s on %s', async (_name, dump, lines, area) => {
    const session = await engine.openSession(new engine.BufferSource(dumpNamed(dump)), {
      path: `${dump}.dmp`,
      host: memoryHost(area.files ?? {}, area.symbols === 'folder' ? symbolFolder(dump) : undefined),
      ...(area.symbols === true ? { symbols: symbolsFor(dump) } : {}),
    });
    for (const line of lines) {
      for (const { call, data } of await resultsOf(session, line)) {
        if (call === undefined) continue;
        // oxlint-disable-next-line typescript/no-implied-eval -- the text is what `explain` prints, to be run as it is
        const evaluate = new Function('session', 'engine', `return ${call};`);
        expect(evaluate(session, engine), `${line}: ${call}`).toEqual(data);
      }
    }
  });
});

async function resultsOf(session: engine.Session, line: string): Promise<readonly engine.CommandResult[]> {
  const run = session.run(line);
  let step = run.next();
  while (step.done !== true) {
    if (step.value.kind === 'wait') await step.value.until;
    step = run.next();
  }
  return step.value;
}
