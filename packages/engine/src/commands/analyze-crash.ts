import { type ClassicReport, classicReport, type Followup, shortOffset } from '../analyze/index.ts';
import { DebuggerError } from '../base/index.ts';
import { blockLines } from './analyze-blocks.ts';
import { bugCheckLines, titleBox } from './analyze-bug-check.ts';
import { showBugCheck } from './analyze-show.ts';
import { bugCheckText } from './banner.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';

export const analyzeCommand: Command = {
  names: ['!analyze'],
  usage: '[-v] | -show CODE [P1 P2 P3 P4]',
  summary: 'report the crash; -v with all details; -show explains a bug check',
  group: 'dump',
  details: [
    '!analyze -v prints blocks under the names and in the order of the Windows debugger, each only where the dump tells its',
    'value. Left out is what that debugger has from databases and guesses: owners, hashes of buckets, counts of crashes.',
    'FAILURE_BUCKET_ID is the signature of poolscope. A module in whose code nothing failed is the first one outside the',
    'kernel on the stack; "by scanning" says that old words on the stack may have led there.',
    '!analyze -show CODE lists what the parameters and sub-codes of a bug check mean; with parameters it explains those.',
    '-f is accepted and changes nothing.',
  ],
  run(console, args) {
    const words = args.split(/\s+/).filter((word) => word !== '');
    const show = words.findIndex((word) => /^[-/]show$/i.test(word));
    if (show >= 0) return showBugCheck(console, words.slice(show + 1));
    for (const word of words) checkOption(word);
    return words.some((word) => isVerbose(word)) ? detailed(console) : short(console);
  },
};

const isVerbose = (word: string): boolean => /^[-/]v(v|\d{1,2})?$/i.test(word);

/** Forms of the real command that are not here, and what comes nearest. */
const notHere: readonly (readonly [RegExp, string])[] = [
  [
    /^[-/]hang$/i,
    '-hang (locks, and what threads wait for) is not here; k shows where the current thread is',
  ],
  [/^[-/]x(ml|mi|cs|mf)$/i, '-xml is not here; poolscope analyze --json gives the report to programs'],
  [/^[-/](c|load|unload)$/i, '-c (go on after known issues) is not here: a dump does not go on'],
];

function checkOption(word: string): void {
  const elsewhere = notHere.find(([pattern]) => pattern.test(word))?.[1];
  if (elsewhere !== undefined) throw new DebuggerError('COMMAND_NOT_HERE', `!analyze ${elsewhere}`);
  if (!isVerbose(word) && !/^[-/]f$/i.test(word))
    throw usageError(analyzeCommand, `'${word}' is not an option`);
}

const reportOf = ({ system, path, poolTags, detectors }: Console): ClassicReport =>
  classicReport(system, path, poolTags, detectors);

function detailed(console: Console): CommandResult<ClassicReport> {
  const { system } = console;
  const data = reportOf(console);
  const lines = [
    ...titleBox('Bugcheck Analysis'),
    [''],
    ...bugCheckLines(system, system.bugCheck, system.target.dump.header.bugCheckParameters),
    ...plain('', 'Debugging Details:', '-'.repeat(18), '', ''),
    ...data.blocks.flatMap((block) => blockLines(console, block)),
    ...ending,
  ];
  return { data, lines, call };
}

/** What the debugger says by itself when it opens a dump. */
function short(console: Console): CommandResult<ClassicReport> {
  const { bugCheckCode, bugCheckParameters } = console.system.target.dump.header;
  const data = reportOf(console);
  const lines: Line[] = [
    ...titleBox('Bugcheck Analysis'),
    [''],
    ['Use ', span('!analyze -v', 'good', '!analyze -v'), ' to get detailed debugging information.'],
    [''],
    [bugCheckText(console.system, bugCheckCode, bugCheckParameters)],
    [''],
    causeLine(console, data.followup),
    [''],
    ...ending,
  ];
  return { data, lines, call };
}

const call = 'session.classicReport()';
const ending = plain('Followup:     MachineOwner', '---------');

function causeLine({ system }: Console, followup: Followup | undefined): Line {
  const cause = 'Probably caused by : ';
  if (followup === undefined) return [cause, 'not known: the stack leads to no module'];
  const { by, address, place, unloaded } = followup;
  if (by === 'kernel' || address === undefined) return [cause, 'not known: no driver is surely on the stack'];
  const module = system.modules.find(({ base }) => base === place?.module.base);
  const image = unloaded?.name ?? module?.image ?? 'unknown';
  const symbol = shortOffset(system.symbols.nameOf(address) ?? '');
  const how = { fault: '', stack: ', the first outside the kernel on the stack', scan: ', by scanning' }[by];
  return [cause, span(image, 'symbol'), ` ( ${symbol} )${how}`];
}
