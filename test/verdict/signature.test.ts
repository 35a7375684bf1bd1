import { type Analysis, BufferSource, openSession } from '@poolscope/engine';
import { dumpBytes, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { labSymbols } from '../bench/verdict/lab-symbols.ts';
import { isRight } from '../bench/verdict/score.ts';

interface Boot extends Analysis {
  /** What happened and what was said of it, apart from addresses; undefined where the verdict is not right. */
  readonly facts: string | undefined;
}

async function analysisOf(machine: Machine, withSymbols: boolean): Promise<Boot> {
  const dump = new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' }));
  const session = await openSession(dump, withSymbols ? { symbols: labSymbols(machine) } : {});
  const analysis = session.analyze();
  const { verdict } = analysis.report;
  const truth = machine.truth.scenario!;
  const { culprit, block, damage } = truth;
  return {
    ...analysis,
    facts: isRight(verdict, truth)
      ? [
          verdict.kind,
          culprit,
          block?.tag,
          block?.size,
          damage?.length,
          verdict.suspects[0]?.module,
          verdict.block?.size,
          verdict.damage?.length,
        ].join()
      : undefined,
  };
}

const played = new Map<string, Promise<Boot>>();

/** One boot of a story, analyzed. */
function boot(name: string, seed: number, withSymbols = false): Promise<Boot> {
  const key = `${name} ${seed} ${withSymbols}`;
  const scenario = scenarios.find((each) => each.name === name)!;
  const known = played.get(key) ?? analysisOf(playScenario(scenario, { seed }), withSymbols);
  played.set(key, known);
  return known;
}

/** Every sixth story, and those that a test below names: all of them would take too long. */
const named = new Set(['overrun-text', 'overrun-text-worker', 'double-free', 'null-pointer']);
const names = scenarios
  .filter(({ name }, index) => index % 6 === 0 || named.has(name))
  .map(({ name }) => name);

describe.each(names)('the signature of %s', (name) => {
  it('is the same on another boot', async ({ skip }) => {
    const [first, second] = [await boot(name, 1), await boot(name, 2)];
    if (first.facts === undefined || first.facts !== second.facts)
      skip('it is another story, or not found out');
    expect(second.report.signature).toBe(first.report.signature);
  });

  it('is the same with symbols', async ({ skip }) => {
    const [plain, named] = [await boot(name, 1), await boot(name, 1, true)];
    if (plain.facts !== named.facts) skip('less was found out without symbols');
    expect(named.report.signature).toBe(plain.report.signature);
  });

  it('holds no address', async () => {
    const { report } = await boot(name, 1);
    const addresses = [
      ...report.modules.map(({ base }) => base),
      ...report.stack.map(({ ip }) => ip),
      ...[report.verdict.block?.address, report.verdict.damage?.start].flatMap((each) => each ?? []),
    ];
    for (const address of addresses) expect(report.signature).not.toContain(address.slice(2));
  });

  it('is explained part by part', async () => {
    const { report, signatureParts } = await boot(name, 1);
    expect(signatureParts.map(({ value }) => value).join('|')).toBe(report.signature);
  });
});

it('is not the same for verdicts of different kinds', async () => {
  const kindOf = new Map<string, string>();
  for (const name of names) {
    const { report } = await boot(name, 1);
    const known = kindOf.get(report.signature) ?? report.verdict.kind;
    expect([name, known]).toEqual([name, report.verdict.kind]);
    kindOf.set(report.signature, report.verdict.kind);
  }
  expect(new Set(kindOf.values()).size).toBeGreaterThan(4);
});

it('is the same wherever the same damage was met', async () => {
  const [caller, worker] = [await boot('overrun-text', 1), await boot('overrun-text-worker', 1)];
  expect(worker.report.bugcheck.code).not.toBe(caller.report.bugcheck.code);
  expect(worker.report.signature).toBe(caller.report.signature);
});

it('was compared between boots for most stories', async () => {
  const boots = await Promise.all(names.map(async (name) => [await boot(name, 1), await boot(name, 2)]));
  const compared = boots.filter(
    ([first, second]) => first!.facts !== undefined && first!.facts === second!.facts,
  );
  expect(compared.length).toBeGreaterThan(names.length / 2);
});
