import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as engine from '@poolscope/engine';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../tools/run.mjs';

const page = readFileSync(join(root, 'docs/guide/library.md'), 'utf8');
const pieces = [...page.matchAll(/^## (.+)\n[\s\S]*?^```js\n([\s\S]*?)^```/gm)].map(
  ([, heading, code]) => [heading!, code!] as const,
);

/** A piece as a function: imports come from the engine, and the value of its last expression is what it gives. */
function run(code: string, scope: Readonly<Record<string, unknown>>): Promise<unknown> {
  const body = code
    .replaceAll(/^import \{ (.+) \} from '@poolscope\/engine';$/gm, 'const { $1 } = engine;')
    .replace(/^(?!const|for|if|import| )(.+;)(?:\s*\/\/.*)?\n*$(?![\s\S])/m, 'return $1');
  // oxlint-disable-next-line typescript/no-implied-eval -- The page is ours, and running it is the test.
  const made = new Function(...Object.keys(scope), `return (async () => {\n${body}\n})();`) as (
    ...values: readonly unknown[]
  ) => Promise<unknown>;
  return made(...Object.values(scope));
}

describe('the pieces of docs/guide/library.md run', () => {
  let scope: Record<string, unknown>;
  beforeAll(async () => {
    const machine = playScenario(scenarios.find(({ name }) => name === 'double-free')!, { seed: 1 });
    const bytes = dumpBytes(machine, { type: 'bitmap-kernel' });
    const session = await engine.openSession(new engine.BufferSource(bytes), { path: 'MEMORY.DMP' });
    scope = { engine, bytes, session };
  });

  it('there are some', () => {
    expect(pieces.map(([heading]) => heading)).toStrictEqual([
      'Open',
      'Commands, as data',
      'Memory',
      'Pool',
      'Commands and detectors of your own',
    ]);
  });

  it.each(pieces)('%s', async (heading, code) => {
    const { session: _own, ...rest } = scope;
    const value = await run(code, heading === 'Open' ? rest : scope);
    const expected: Readonly<Record<string, unknown>> = {
      Open: 'double-free',
      'Commands and detectors of your own': 9200,
    };
    if (heading in expected) expect(value).toBe(expected[heading]);
    else if (heading === 'Commands, as data') expect(value).toEqual(expect.any(String));
    else expect(value).toBeUndefined();
  });
});
