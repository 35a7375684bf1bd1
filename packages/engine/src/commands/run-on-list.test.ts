import { buildMachine, dumpBytes } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, type ListRun, lineText, openSession, type Session } from '../index.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'bitmap-kernel' })));
});

/** What a line prints, errors included, and the data of its last command. */
function run(line: string): { lines: string[]; data: ListRun } {
  const lines: string[] = [];
  const steps = session.run(line);
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) {
    if (step.value.kind === 'lines') lines.push(...step.value.lines.map((each) => lineText(each).trimEnd()));
    else if (step.value.kind === 'error') lines.push(`error: ${step.value.error.message}`);
  }
  return { lines, data: step.value.at(-1)?.data as ListRun };
}

const head = 'nt!PsLoadedModuleList';

/** The links as `poi` gives them, from the head on. */
function links(): bigint[] {
  const first = session.evaluate(head);
  const found = [first];
  for (
    let at = session.evaluate(`poi(${head})`);
    at !== first;
    at = session.evaluate(`poi(0x${at.toString(16)})`)
  )
    found.push(at);
  return found;
}

const dpOf = (va: bigint): string => run(`dp 0x${va.toString(16)} L1`).lines[0]!;

describe('!list', () => {
  it('goes around the list once and puts the address behind the command', () => {
    const { lines, data } = run(`!list -x "dp" -a "L1" ${head}`);
    expect(lines).toEqual(links().map(dpOf));
    expect(data).toMatchObject({ end: 'start' });
    expect(data.elements.map(({ element }) => element)).toEqual(links());
  });

  it('takes all its arguments in quotes, with several commands and $extret', () => {
    const typed = `!list "-t nt!_LIST_ENTRY.Flink -e -m 2 -x \\"dp @$extret L1; .echo next\\" ${head}"; .echo behind`;
    const [first, second] = links();
    expect(run(typed).lines).toEqual([
      'dp @$extret L1; .echo next',
      dpOf(first!),
      'next',
      'dp @$extret L1; .echo next',
      dpOf(second!),
      'next',
      'behind',
    ]);
  });

  it('takes quotes inside of its commands', () => {
    expect(run(`!list -m 2 -x ".printf \\"%p|%d\\n\\", @$extret, 2; $$" ${head}`).lines).toEqual(
      links()
        .slice(0, 2)
        .map((link) => `${link.toString(16)}|2`),
    );
  });

  it('begins with the structure where the link is inside of it', () => {
    const { data } = run('!list -t nt!_EPROCESS.ActiveProcessLinks.Flink -x ".echo" -m 3 @$proc');
    const offset = session.system.types!.offset('_EPROCESS', 'ActiveProcessLinks')!;
    const [first, second] = data.elements.map(({ element }) => element);
    expect(first).toBe(session.evaluate('@$proc'));
    expect(second).toBe(session.evaluate(`poi(@$proc + ${offset.toString(16)}) - ${offset.toString(16)}`));
    expect(data.end).toBe('count');
  });

  it('takes the name of the member alone as it takes its Flink', () => {
    const { data: byFlink } = run('!list -t _EPROCESS.ActiveProcessLinks.Flink -x ".echo" -m 3 @$proc');
    const { data: byEntry } = run('!list -t _EPROCESS.ActiveProcessLinks -x ".echo" -m 3 @$proc');
    expect(byEntry.elements.map(({ element }) => element)).toEqual(
      byFlink.elements.map(({ element }) => element),
    );
  });

  it('ends at a link that cannot be read, and says why', () => {
    const { lines, data } = run('!list -x ".echo" 0');
    expect(data.end).toBe('missing');
    expect(lines.at(-1)).toMatch(/^The link at 00000000`00000000 cannot be read: /);
  });

  it('leaves $extret as it was', () => {
    run(`!list -x ".echo" ${head}`);
    expect(run('? @$extret').lines[0]).toContain('the value of $extret is not known: only !list sets it');
  });

  it('goes on after a command that fails', () => {
    expect(run(`!list -m 2 -x "nosuch" ${head}`).lines).toEqual([
      "error: there is no command 'nosuch'",
      "error: there is no command 'nosuch'",
    ]);
  });

  it.each([
    ['!list', 'an address is missing'],
    ['!list -t nt!_LIST_ENTRY nt', '-t needs a member'],
    ['!list -t nt!_LIST_ENTRY.Nosuch nt', '_LIST_ENTRY has no member Nosuch'],
    ['!list -t nt!_KPROCESS.Header nt', '_KPROCESS.Header is no pointer'],
    ['!list -t _NOSUCH.Next nt', 'Symbol _NOSUCH not found'],
    ['!list -q nt', "there is no option '-q'"],
    ['!list -x', '-x has nothing behind it'],
    ['!list -m 0 nt', '-m is from 1 to 10000'],
    ['!list "-x \\"dp\\" nt', 'the quotes around the arguments do not close'],
  ])('%s: %s', (typed, message) => {
    expect(run(typed).lines[0]).toContain(`error: ${message}`);
  });
});
