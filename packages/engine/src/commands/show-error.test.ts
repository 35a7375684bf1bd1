import { buildMachine, dumpBytes } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, describeNtStatus, lineText, openSession, type Session } from '../index.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'header' })));
});

function printed(line: string): string[] {
  return [...session.run(line)].flatMap((step) =>
    step.kind === 'lines'
      ? step.lines.map(lineText)
      : step.kind === 'error'
        ? [`error: ${step.error.message}`]
        : [],
  );
}

const meaning = (code: number): string => {
  const { name, meaning } = describeNtStatus(code)!;
  return `${name}: ${meaning}`;
};

describe('!error', () => {
  it.each([
    ['c0000005', `Error code: (NTSTATUS) 0xc0000005 (3221225477) - ${meaning(0xc0000005)}`],
    ['0xC000009A', `Error code: (NTSTATUS) 0xc000009a (3221225626) - ${meaning(0xc000009a)}`],
    ['0C000009Ah', `Error code: (NTSTATUS) 0xc000009a (3221225626) - ${meaning(0xc000009a)}`],
    ['ffffffff`c0000005', `Error code: (NTSTATUS) 0xc0000005 (3221225477) - ${meaning(0xc0000005)}`],
    ['102 1', `Error code: (NTSTATUS) 0x102 (258) - ${meaning(0x102)}`],
    [
      'd0000022',
      `Error code: (HRESULT) 0xd0000022 (3489660962) - made of an NTSTATUS: ${meaning(0xc0000022)}`,
    ],
    ['c0fffff0', 'Error code: (NTSTATUS) 0xc0fffff0 (3238002672) - its meaning is not known here'],
    ['2', 'Error code: (Win32) 0x2 (2) - Win32 errors are not known here'],
    ['12345678`00000000', '0x1234567800000000 is no error code: it has more than 32 bits.'],
    ['', 'error: a value is missing; usage: !error VALUE [1]'],
    ['c0000005 2', "error: there is no option '2'; usage: !error VALUE [1]"],
  ])('%s', (args, expected) => {
    expect(printed(`!error ${args}`)[0]).toBe(expected);
  });

  it('says what a small number would be as an NTSTATUS', () => {
    expect(printed('!error 102')[1]).toBe(`As an NTSTATUS it would be ${meaning(0x102)}`);
  });
});
