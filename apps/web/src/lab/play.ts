import { DebuggerError } from '@poolscope/engine/base';
import {
  kernelFamily,
  type Machine,
  type PlayOptions,
  partsFor,
  playScenario,
  poolTagValue,
  type Scenario,
  usualBuild,
  verifierCommand,
  verifierOff,
  writeDump,
} from '@poolscope/lab/page';
import type { LabDumpKind, Played, PlayInput, TruthFact } from '../protocol/lab.ts';
import type { Job } from '../worker/job.ts';
import { Recorder } from './recorder.ts';
import { allScenarios } from './scenario-facts.ts';

/** Plays a scenario, and writes the dump of its crash. Throws LAB_OPTIONS. */
export async function play(input: PlayInput, job: Job): Promise<Played> {
  const scenario = allScenarios.find(({ name }) => name === input.name);
  if (scenario === undefined) throw new DebuggerError('LAB_OPTIONS', `there is no scenario '${input.name}'`);
  job.progress({ what: 'the machine runs', done: 0 });
  await job.turn();
  await partsFor(input.build ?? usualBuild(scenario));
  const options = playOptions(input);
  const first = playIt(scenario, options);
  const page = pageOf(first);
  await job.turn();
  // The same seed, the same machine: now that the page is known, it can be watched.
  const recorder = new Recorder(page);
  playIt({ ...scenario, run: (run) => recorder.watch(run, () => scenario.run(run)) }, options);
  await job.turn();
  const dump = await writeBlob(first, input.kind, job);
  return {
    dump,
    fileName: `${scenario.name}.dmp`,
    build: first.profile.build,
    bugCheck: first.bugCheck.code,
    truth: truthFact(first),
    steps: recorder.steps,
    page,
  };
}

function playOptions({ build, seed, verifier, poolTag }: PlayInput): PlayOptions {
  const settings = { settings: verifierOff, build: build ?? 9200 };
  return {
    ...(seed === undefined ? {} : { seed }),
    ...(build === undefined ? {} : { build }),
    ...(verifier === undefined ? {} : { verifier: verifierCommand(verifier, settings).settings }),
    ...(poolTag === undefined ? {} : { specialPool: { poolTag: poolTagValue(poolTag) } }),
  };
}

/** Driver Verifier or special pool may stop a machine before its story has got anywhere. */
function playIt(scenario: Scenario, options: PlayOptions): Machine {
  try {
    return playScenario(scenario, options);
  } catch (cause) {
    if (
      cause instanceof DebuggerError ||
      (options.verifier === undefined && options.specialPool === undefined)
    )
      throw cause;
    const message = `${scenario.name} does not come to its end on a machine that is watched like this`;
    throw new DebuggerError('LAB_OPTIONS', message, { cause });
  }
}

const pageSize = 0x1000n;

/** The page that the story is about: where bytes were changed, or the block that it happened to. */
function pageOf({ truth }: Machine): bigint | undefined {
  const told = truth.scenario;
  const va = told?.block?.address ?? told?.victims[0]?.address ?? told?.damage?.start ?? told?.freedAddress;
  return va === undefined ? undefined : va - (va % pageSize);
}

/** The file in pieces; bytes between two of them are zero. */
async function writeBlob(machine: Machine, kind: LabDumpKind, job: Job): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let end = 0;
  for (const { offset, bytes } of writeDump(machine, {
    type: kind,
    family: kernelFamily(machine.profile.build),
  })) {
    if (offset > end) parts.push(new Uint8Array(offset - end));
    parts.push(bytes.slice());
    end = offset + bytes.length;
    if (!job.isDue) continue;
    job.progress({ what: 'writing the dump', done: end });
    await job.turn();
  }
  return new Blob(parts);
}

function truthFact({ truth }: Machine): TruthFact | undefined {
  const told = truth.scenario;
  if (told === undefined) return undefined;
  const { kind, culprit, block, damage, freedAddress } = told;
  return { kind, culprit, block, damage, freedAddress };
}
