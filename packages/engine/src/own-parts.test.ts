import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BufferSource,
  type Command,
  type Detector,
  lineText,
  type OpenOptions,
  openSession,
  plain,
  redact,
} from './index.ts';

let bytes: Uint8Array;
beforeAll(() => {
  const scenario = scenarios.find(({ name }) => name === 'double-free')!;
  bytes = dumpBytes(playScenario(scenario, { seed: 1 }), { type: 'triage' });
});
const open = (options: OpenOptions) => openSession(new BufferSource(bytes), options);

const greet: Command = {
  names: ['!greet'],
  usage: '[NAME]',
  summary: 'say hello',
  group: 'session',
  run: (console, args) => ({
    data: args,
    lines: plain(`hello ${args} from build ${console.system.info.build}`),
  }),
};

describe('commands of a program', () => {
  it('run at the prompt, among others and in scripts', async () => {
    const session = await open({ commands: [greet] });
    expect(session.execute('!greet you').lines.map(lineText)).toStrictEqual(['hello you from build 9200']);
    expect(session.execute('!GREET you').data).toBe('you');
    const steps = [...session.run('!greet a; .if (1) { !greet b }')];
    const texts = steps.flatMap((step) => (step.kind === 'lines' ? step.lines.map(lineText) : []));
    expect(texts.map((text) => text.slice(0, 7))).toStrictEqual(['hello a', 'hello b']);
  });

  it('are in the help, and completed', async () => {
    const session = await open({ commands: [greet] });
    const help = session.execute('.help').lines.map(lineText).join('\n');
    expect(help).toContain('!greet [NAME]');
    expect(session.execute('.help !greet').lines.map(lineText).join('\n')).toContain('say hello');
    expect(session.complete('!gre').candidates.map(({ text }) => text)).toStrictEqual(['!greet']);
  });

  it('belong to their own session', async () => {
    await open({ commands: [greet] });
    const other = await open({});
    expect(() => other.execute('!greet')).toThrow("there is no command '!greet'");
  });

  it('have names of their own', async () => {
    for (const name of ['!pool', 'greet', '!Greet', '!gr eet'])
      await expect(open({ commands: [{ ...greet, names: [name] }] }), name).rejects.toThrow(/command/);
    await expect(open({ commands: [greet, greet] })).rejects.toThrow('already');
  });
});

const found: Detector = ({ system }) => ({
  kind: 'not-pool',
  confidence: 0.99,
  summary: `Build ${system.info.build} is known to do this.`,
  evidence: [{ claim: 'The build is this one.', command: 'vertarget' }],
});

describe('detectors of a program', () => {
  it('give the verdict where they are as sure or surer, in every form of the report', async () => {
    const session = await open({ detectors: [found] });
    const { report } = session.analyze();
    expect(report.verdict).toMatchObject({ kind: 'not-pool', confidence: 0.99, block: null, suspects: [] });
    expect(redact(report).verdict.kind).toBe('not-pool');
    expect(session.execute('!analyze -v').lines.map(lineText).join('\n')).toContain('is known to do this');
  });

  it('do not where they are less sure, or find nothing', async () => {
    const unsure: Detector = (scene) => ({ ...found(scene)!, confidence: 0.01 });
    const session = await open({ detectors: [unsure, () => undefined] });
    expect(session.analyze().report.verdict.kind).toBe('double-free');
  });

  it('are never certain, and always have evidence', async () => {
    const certain: Detector = (scene) => ({ ...found(scene)!, confidence: 7 });
    expect((await open({ detectors: [certain] })).analyze().report.verdict.confidence).toBe(0.99);
    const bare: Detector = (scene) => ({ ...found(scene)!, evidence: [] });
    const session = await open({ detectors: [bare] });
    expect(() => session.analyze()).toThrow('no evidence');
  });
});
