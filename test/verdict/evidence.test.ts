import { BufferSource, openSession, type Session } from '@poolscope/engine';
import { type DumpKind, dumpBytes, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

/*
 * The commands beside the claims of a verdict show what is claimed: each runs, and its answer has the addresses, tags and
 * drivers that the claim names.
 */

/** What a line prints; an error is thrown. */
function answerTo(session: Session, line: string): string {
  const printed: string[] = [];
  const run = session.run(line);
  for (let step = run.next(); step.done !== true; step = run.next()) {
    if (step.value.kind === 'error') throw step.value.error;
    if (step.value.kind !== 'lines') continue;
    for (const each of step.value.lines)
      printed.push(each.map((part) => (typeof part === 'string' ? part : part.text)).join(''));
  }
  return printed.join('\n').replaceAll('`', '');
}

/** Addresses, tags and drivers that a claim names. */
function namedIn(claim: string): string[] {
  const all = (pattern: RegExp): string[] => [...claim.matchAll(pattern)].map((found) => found[1]!);
  return [
    ...all(/\b([0-9a-f]{12,16})\b/g),
    ...all(/tagged (\S{3,4}?)(?=[\s,.;:])/g),
    ...all(/\b([\w-]+)\.sys\b/g),
  ];
}

/** What a claim names and its command neither shows nor is asked about. */
function lacking(session: Session, { claim, command }: { claim: string; command: string }): string[] {
  const shown = `${command}\n${answerTo(session, command)}`.toLowerCase();
  return namedIn(claim).filter((each) => !shown.includes(each.toLowerCase()));
}

async function unshown(machine: Machine, type: DumpKind): Promise<string[]> {
  const session = await openSession(new BufferSource(dumpBytes(machine, { type })));
  const { evidence } = session.analyze().report.verdict;
  expect(evidence.length).toBeGreaterThan(0);
  return evidence.flatMap((each) => {
    const lacks = lacking(session, each);
    return lacks.length === 0 ? [] : [`${each.claim} (${each.command}): ${lacks.join(', ')}`];
  });
}

/** One of five stories: all would take too long. */
const some = scenarios.filter((_, index) => index % 5 === 1);

describe('the evidence of a verdict', () => {
  it.each(some.map((scenario) => [scenario.name, scenario] as const))(
    'on %s is shown by its commands',
    async (_name, scenario) => {
      const machine = playScenario(scenario, { seed: 5 });
      expect(await unshown(machine, 'bitmap-kernel')).toEqual([]);
      expect(await unshown(machine, 'triage')).toEqual([]);
    },
  );
});

it('misses what a command does not show', async () => {
  const bytes = dumpBytes(playScenario(scenarios[0]!), { type: 'triage' });
  const session = await openSession(new BufferSource(bytes));
  const claim = 'A block tagged Zzzz at fffffa8001234560 is of nobody.sys.';
  expect(lacking(session, { claim, command: '.bugcheck' })).toEqual(['fffffa8001234560', 'Zzzz', 'nobody']);
  expect(() => lacking(session, { claim, command: 'u zzzz!zzzz' })).toThrow(/zzzz/);
});
