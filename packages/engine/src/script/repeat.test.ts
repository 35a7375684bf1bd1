import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { commands, lineText } from '../commands/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession } from '../session.ts';
import { goesOn, repeatOf } from './repeat.ts';

const session = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'full' })));

describe('what an empty line runs', () => {
  it.each(['db nt L40', 'db', 'dps @rsp', 'dq@rsp', 'da nt+4e', 'u nt!KeBugCheckEx L4', 'DB nt', '!db 1000'])(
    'goes on with %j',
    (line) => {
      expect(repeatOf(line)).toBe(/^!?[a-z]+/.exec(line.toLowerCase())![0]);
    },
  );

  it.each([
    'r',
    'k 5',
    'ub nt!KeBugCheckEx',
    'ds @rsp',
    'lm m nt',
    'db nt; db hal',
    '.if (1) { db nt }',
    'nosuch',
    '* db nt',
    '',
  ])('runs %j again as it is', (line) => {
    expect(repeatOf(line)).toBe(line);
  });
});

describe('a command without an address', () => {
  const names = commands.flatMap(({ names }) => names).filter((name) => goesOn.test(name));

  it.each(names)('%s shows other addresses than with it', (name) => {
    const [at, text] = name.startsWith('!') ? ['1000', ' L2'] : ['nt!KeBugCheckEx', ' L2'];
    const firstOf = (command: string) =>
      session
        .execute(command)
        .lines.map(lineText)
        .find((line) => /^(#|[\da-f]{8}`)/.test(line));
    const first = firstOf(`${name} ${at}${text}`);
    const next = firstOf(name);
    expect(first).toBeDefined();
    expect(next).toBeDefined();
    expect(next!.slice(0, 18) > first!.slice(0, 18)).toBe(true);
  });
});
