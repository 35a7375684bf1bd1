import { readdirSync } from 'node:fs';
import { lineText, type Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedPath } from '../shared-files.ts';

const commands = [
  'lm',
  'lm t n',
  'lmv',
  'lm sm',
  'lm f',
  'lm 1m m n*',
  'u',
  'u',
  'ub @$ip',
  'ub',
  'uf @$ip',
  'uf /c @$ip',
  'ln',
  'ln @$ip',
  'x nt!Ke*',
  'x *!*Pool*',
  'x *!',
  '!lmi nt',
  '!lmi @$ip',
  '!dh nt',
  '!for_each_module',
  '!for_each_module .echo @#ModuleName @#FileVersion @#TimeDateStamp',
  'up 1000',
];

/** What a dump may lack; any other error is one of ours. */
const expected = new Set(['MEMORY_UNREADABLE', 'NOT_IN_TRIAGE_DUMP', 'MODULE_UNKNOWN', 'NO_SUCH_RECORD']);

function run(session: Session, command: string): { lines: string[]; errors: string[] } {
  const [lines, errors]: [string[], string[]] = [[], []];
  const steps = session.run(command);
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    if (step.value.kind === 'lines') lines.push(...step.value.lines.map(lineText));
    else if (step.value.kind === 'error') errors.push(step.value.error.code);
  }
  return { lines, errors };
}

/** A file of zeros: it is refused when it is opened. */
const zeroFilled = 'criticalrocket_111217-47250-01.dmp';
const dumps = hasShared
  ? [
      ...readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp') && name !== zeroFilled),
      'notmyfault_4a/083125-14875-01.dmp',
    ]
  : [];

describe.skipIf(!hasShared)('code and modules of real dumps (needs ../shared)', () => {
  it.each(dumps)('%s', async (name) => {
    const session = await openShared(name);
    for (const command of commands) {
      const { lines, errors } = run(session, command);
      expect(
        errors.filter((code) => !expected.has(code)),
        command,
      ).toEqual([]);
      expect(lines.join('\n'), command).not.toMatch(/undefined|NaN|\[object/);
    }
    expect(run(session, 'lm').lines.length).toBeGreaterThan(session.system.modules.length);
  });
});
