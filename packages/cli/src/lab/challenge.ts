import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { DebuggerError } from '@poolscope/engine';
import { type Knowable, knowableFrom, type Machine, scenarios } from '@poolscope/lab';
import { programName } from '../program-name.ts';
import { UsageError } from '../usage-error.ts';
import { scenariosFor } from './all-scenarios.ts';
import {
  type Answer,
  type Judged,
  judgeAnswer,
  kindsOfFault,
  parseAnswer,
  partOf,
} from './challenge-answer.ts';
import { besideDump, readChallengeFile, writeChallengeFile } from './challenge-file.ts';
import { findScenario } from './find-scenario.ts';
import { type MachineFlags, play, playOptions } from './machine-options.ts';
import { printableLines } from './run-scenario.ts';
import { dumpOptions, type RunKind, runKinds } from './truth-json.ts';
import { writeMachine } from './write-machine.ts';

export interface ChallengeFlags extends Pick<MachineFlags, 'seed' | 'windows'> {
  readonly out?: string;
  readonly kind: RunKind;
  /** The dump of a challenge that was handed out before. */
  readonly file?: string;
  readonly answer?: string;
}

/** Hands out a dump without its cause, or checks an answer to one. */
export async function runChallenge(flags: ChallengeFlags): Promise<void> {
  const { file, answer } = flags;
  if (file === undefined && answer !== undefined)
    throw new UsageError('the dump that is answered is missing', 'Name it with --file.');
  const given = answer === undefined ? undefined : parseAnswer(answer);
  const dump = file ?? handOut(flags);
  const said = given ?? (await ask());
  if (said !== undefined) check(dump, said);
}

/** Writes the dump and, beside it, what is needed to check an answer. */
function handOut(flags: ChallengeFlags): string {
  const out = flags.out ?? 'challenge.dmp';
  const seed = flags.seed ?? randomInt(1, 1_000_000);
  const candidates = flags.windows === undefined ? scenarios : scenariosFor(flags.windows);
  const scenario = candidates[scrambled(seed) % candidates.length]!;
  const machine = play(scenario, playOptions({ ...flags, seed }));
  writeMachine(machine, out, flags.kind);
  const { build } = machine.profile;
  writeChallengeFile(out, { scenario: scenario.name, seed, build, kind: flags.kind });
  process.stdout.write(
    printableLines([
      `${out} is the dump of a machine that something has gone wrong in; ${besideDump(out)} keeps the answer.`,
      'What kind of fault was it, which driver did it, and which block of pool was it about?',
      '',
      `  ${programName} analyze ${out}`,
      `  ${programName} debug ${out}`,
      `  ${programName} lab challenge --file ${out} --answer "kind=KIND module=FILE.sys block=ADDRESS"`,
    ]),
  );
  return out;
}

/** Neighbouring seeds give other scenarios. */
const scrambled = (seed: number): number => (Math.imul(seed ^ (seed >>> 15), 0x2c1b_3c6d) >>> 8) >>> 0;

/** Asks a person at a terminal; undefined: there is none, or nothing was said. */
async function ask(): Promise<Answer | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)));
  try {
    const parts: Answer[] = [];
    process.stdout.write(
      `\nAnswer when you know it, or press Ctrl-D and answer later. Kinds: ${kindsOfFault.join(', ')}\n`,
    );
    for (const name of ['kind', 'module', 'block']) {
      const part = await askPart(name, (text) => Promise.race([reader.question(text), ended]));
      if (part === undefined) return undefined;
      parts.push(part);
    }
    const answer = Object.assign({}, ...parts) as Answer;
    return Object.keys(answer).length === 0 ? undefined : answer;
  } finally {
    reader.close();
  }
}

/** Asks until it is understood. An empty line leaves it open; undefined: there is no more input. */
async function askPart(
  name: string,
  question: (text: string) => Promise<string | undefined>,
): Promise<Answer | undefined> {
  for (;;) {
    const text = (await question(`${name}: `))?.trim();
    if (text === undefined) return undefined;
    if (text === '') return {};
    try {
      return partOf(name, text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      process.stdout.write(`${error.message}. ${error.remedy}\n`);
    }
  }
}

/** Plays the challenge again and compares. */
function check(dump: string, answer: Answer): void {
  const facts = readChallengeFile(dump);
  const kind = runKinds.find((each) => each === facts.kind);
  if (kind === undefined)
    throw new DebuggerError('FILE_UNREADABLE', `${besideDump(dump)} is of another version of poolscope`);
  const machine = play(findScenario(facts.scenario), playOptions({ seed: facts.seed, windows: facts.build }));
  const knowable = knowableFrom(machine, dumpOptions(machine, kind));
  process.stdout.write(printableLines(verdictLines(machine, answer, knowable)));
}

function verdictLines({ truth }: Machine, answer: Answer, knowable: Knowable): string[] {
  const scenario = truth.scenario!;
  const judged = judgeAnswer(answer, scenario, knowable);
  const right = judged.filter(({ mark }) => mark === 'right').length;
  const { story } = findScenario(scenario.scenario);
  return [
    ...judged.map((part) => `${part.name.padEnd(6)}  ${words(part)}`),
    '',
    `${right} of ${judged.length} right. It was ${scenario.scenario}: ${story}`,
  ];
}

const words = ({ mark, truth }: Judged): string =>
  mark === 'right'
    ? `right: ${truth}`
    : mark === 'open'
      ? `this dump cannot tell; it was ${truth}`
      : `${mark}: it was ${truth}`;
