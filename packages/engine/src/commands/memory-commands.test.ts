import { buildMachine, type DumpKind, dumpBytes } from '@poolscope/lab';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DebuggerError } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession, type Session } from '../session.ts';
import { lineText } from './output.ts';

const kinds: readonly DumpKind[] = ['full', 'triage', 'header'];
const sessions = new Map<DumpKind, Session>();

beforeAll(async () => {
  for (const type of kinds)
    sessions.set(type, await openSession(new BufferSource(dumpBytes(buildMachine(), { type }))));
});

const textOf = (session: Session, line: string): string[] => session.execute(line).lines.map(lineText);

const names = [
  ...[
    'db',
    'dW',
    'dd',
    'dq',
    'df',
    'dD',
    'dyb',
    'dyd',
    'da',
    'du',
    'ds',
    'dS',
    'dps',
    'dpp',
    'dqu',
    'dl',
    'dlb',
    'd',
  ],
  ...['!db', '!du', 's', 'c', '!search', '!validatelist', '!pte', '!vtop', '!ptov', 'why'],
];
const fragments = [
  ...[
    'nt',
    '@rsp',
    '$csp-8',
    '0',
    '-1',
    'ffff8000`00000000',
    '10000',
    'L',
    'L10',
    'L?20',
    'L-4',
    'L?ffffffffffffffff',
    '/c',
    '/p',
    '/p[c]',
  ],
  ...[
    '-b',
    '-d',
    '-[l5]sa',
    '-[s]q',
    '-[r]b',
    '-[1w]a',
    '-su',
    "'ab'",
    '"text"',
    '41',
    '[c]',
    '-m',
    '-p',
    'poi(@rsp)',
    'nosuch',
    '(',
    '"',
    '[',
  ],
];
const lines = fc
  .tuple(
    fc.constantFrom(...names),
    fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 6 })), { maxLength: 6 }),
  )
  .map(([name, parts]) => `${name} ${parts.join(' ')}`);

describe('memory commands', () => {
  it('answer or refuse any arguments, and can be stopped at any step', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), lines, fc.integer({ min: 1, max: 60 }), (type, line, limit) => {
        const run = sessions.get(type)!.run(line);
        for (let step = run.next(), steps = 0; step.done !== true; step = run.next()) {
          if (step.value.kind === 'error') expect(step.value.error).toBeInstanceOf(DebuggerError);
          if (step.value.kind === 'lines')
            for (const text of step.value.lines.map(lineText))
              expect(text).not.toMatch(/undefined|NaN|\[object/);
          if (++steps === limit) run.return([]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('go on where the last display ended, each in its own memory', () => {
    const session = sessions.get('full')!;
    session.execute('dd nt L2');
    expect(textOf(session, 'dd L1')).toEqual(textOf(session, 'dd nt+8 L1'));
    session.execute('!dd 643000 L2');
    expect(textOf(session, '!dd L1')).toEqual(textOf(session, '!dd 643008 L1'));
    session.execute('da nt+4e');
    expect(textOf(session, 'db L1')).toEqual(textOf(session, 'db nt+7a L1'));
  });

  it('repeat the last display with d', () => {
    const session = sessions.get('full')!;
    for (const name of ['dyb', 'dqs', 'dpu', 'dlb', 'dW']) {
      const first = textOf(
        session,
        `${name} nt!PsLoadedModuleList 4`.replace(/ 4$/, name === 'dlb' ? ' 4' : ' L4'),
      );
      expect(textOf(session, `d nt!PsLoadedModuleList ${name === 'dlb' ? '4' : 'L4'}`)).toEqual(first);
    }
  });

  it('hand out hits as they are found, with progress between them', () => {
    const session = sessions.get('full')!;
    const kindsSeen: string[] = [];
    const run = session.run('s -[1]w ffff8000`00000000 L?7fffffffffff 5a4d');
    for (let step = run.next(); step.done !== true; step = run.next()) kindsSeen.push(step.value.kind);
    expect(kindsSeen.indexOf('lines')).toBeLessThan(kindsSeen.lastIndexOf('progress'));
    expect(kindsSeen.filter((kind) => kind === 'progress').length).toBeGreaterThan(5);
  });

  it('keep the hits of a search for the next one', () => {
    const session = sessions.get('full')!;
    session.execute('s -[s]b nt L9000 cc');
    const saved = session.console.savedHits;
    expect(saved.length).toBeGreaterThan(10);
    const { data } = session.execute('s -[r]b nt L1 cc c3');
    expect(data).toEqual((data as bigint[]).filter((hit) => saved.includes(hit)));
    expect((data as bigint[]).length).toBeLessThan(saved.length);
    expect(session.console.savedHits).toBe(saved);
  });
});
