import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ChallengeFlags } from './challenge.ts';
import type { ListFlags } from './list-scenarios.ts';
import type { RunFlags } from './run-scenario.ts';
import type { ShowFlags } from './show-scenario.ts';
import type { FleetFlags } from './write-fleet.ts';

const labHelp = `
A made-up machine of Windows runs a driver with a planted fault until it stops, and writes its dump in the real format.

Examples:
  poolscope lab list
  poolscope lab show overrun-text
  poolscope lab run overrun-text --out MEMORY.DMP --symbols-out symbols
  poolscope lab run double-free --windows 7601 --kind triage
  poolscope lab fleet --machines 200 --crashes 40 --guilty 1 --out fleet
  poolscope lab challenge --out riddle.dmp
  poolscope lab challenge --file riddle.dmp --answer "kind=double-free module=myfault.sys block=fffffa8004c197f0"

The same options and the same seed give the same bytes.`;

const kinds = ['full', 'bitmap-full', 'bitmap-kernel', 'kernel', 'triage'];

/** The command `lab`: machines that crash on demand. */
export function addLab(program: Command): void {
  const lab = program
    .command('lab')
    .description('play a made-up crash with a known cause, and write its dump')
    .addHelpText('after', labHelp);
  addList(lab);
  addShow(lab);
  addRun(lab);
  addFleet(lab);
  addChallenge(lab);
}

function addList(lab: Command): void {
  withMachine(lab.command('list').description('list the scenarios'))
    .option(
      '--json',
      'print JSON: each scenario with its story, its truth, and what each kind of dump can tell',
    )
    .option('--no-color', 'plain text, also when writing to a terminal')
    .action(async (flags: ListFlags) => {
      const { runList } = await import('./list-scenarios.ts');
      runList(flags);
    });
}

function addShow(lab: Command): void {
  withMachine(lab.command('show').description('tell the story of a scenario, and how it ends'))
    .argument('<name>', 'a scenario')
    .option('--truth', 'tell the answer too')
    .option('--no-color', 'plain text, also when writing to a terminal')
    .action(async (name: string, flags: ShowFlags) => {
      const { runShow } = await import('./show-scenario.ts');
      runShow(name, flags);
    });
}

function addRun(lab: Command): void {
  withMachine(lab.command('run').description('play a scenario and write the dump of its crash'))
    .argument('<name>', 'a scenario')
    .option('--out <file>', 'the dump to write; NAME.dmp unless given')
    .addOption(kindOption())
    .option(
      '--symbols-out <dir>',
      'write a symbol store with the program databases and images of the machine',
    )
    .action(async (name: string, flags: RunFlags) => {
      const { runScenario } = await import('./run-scenario.ts');
      runScenario(name, flags);
    });
}

function addChallenge(lab: Command): void {
  lab
    .command('challenge')
    .description('write a dump without telling its cause, and check your answer')
    .option('--out <file>', 'the dump to write; challenge.dmp unless given')
    .addOption(kindOption())
    .option('--seed <number>', 'which challenge; any unless given', wholeNumber)
    .option('--windows <build>', 'build of Windows', wholeNumber)
    .option('--file <file>', 'the dump of a challenge that is answered')
    .option('--answer <text>', 'what it is: "kind=KIND module=FILE.sys block=ADDRESS", as much as is known')
    .action(async (flags: ChallengeFlags) => {
      const { runChallenge } = await import('./challenge.ts');
      await runChallenge(flags);
    });
}

function addFleet(lab: Command): void {
  lab
    .command('fleet')
    .description('write the dumps of a fleet of machines, some of which have a guilty driver, and the truth')
    .requiredOption('--out <dir>', 'the folder to write: one of each machine that crashed, and truth.json')
    .option('--machines <number>', 'machines in the fleet', wholeNumber, 200)
    .option('--crashes <number>', 'dumps to write; each takes about half a second', wholeNumber, 40)
    .option('--guilty <number>', 'how many drivers corrupt memory: 0, 1 or 2', wholeNumber, 1)
    .addOption(new Option('--culprit <driver...>', 'they are these').default([], 'chosen by the seed'))
    .option('--seed <number>', 'the same seed, the same fleet', wholeNumber, 1)
    .option('--windows <build>', 'all machines have this build; mixed unless given', wholeNumber)
    .addOption(
      new Option('--kind <kind>', 'kind of dump; as each machine is set unless given')
        .choices(kinds)
        .argParser(kindOf),
    )
    .action(async (flags: FleetFlags) => {
      const { writeFleet } = await import('./write-fleet.ts');
      writeFleet(flags);
    });
}

const withMachine = (command: Command): Command =>
  command
    .option('--windows <build>', 'build of Windows', wholeNumber)
    .option('--seed <number>', 'varies what a scenario leaves open; 1 unless given', wholeNumber)
    .option('--verifier <options>', 'start the machine with Driver Verifier: "/flags 1 /driver myfault.sys"')
    .option('--pool-tag <value>', 'start it with special pool for a tag, or for a size such as 0x210');

const kindOption = () =>
  new Option('--kind <kind>', 'kind of dump; kernel is short for bitmap-kernel')
    .choices(kinds)
    .default('bitmap-kernel')
    .argParser(kindOf);

function kindOf(text: string): string {
  if (!kinds.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${kinds.join(', ')}.`);
  return text === 'kernel' ? 'bitmap-kernel' : text;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value > 0xffff_ffff)
    throw new InvalidArgumentError('It is no whole number.');
  return value;
}
