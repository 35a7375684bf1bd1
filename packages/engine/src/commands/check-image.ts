import { DebuggerError } from '../base/index.ts';
import { compareWithFile, type FileComparison } from '../code/index.ts';
import type { CompareOptions, ImageDifference } from '../pe/index.ts';
import type { Module } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type CheckRequest, parseCheck } from './check-image-options.ts';
import { type Command, type CommandRun, progressStep } from './command.ts';
import type { Console } from './console.ts';
import type { HostFile } from './host.ts';
import { differenceLines, rowsOf } from './image-differences.ts';
import { type Line, plain, span } from './output.ts';

export const checkImage: Command = {
  names: ['!chkimg'],
  usage: '[OPTIONS] [MODULE | ADDR] [-i FILE]',
  summary: 'compare code in the dump with the image file it was loaded from',
  group: 'code',
  details: [
    'FILE is the .sys, .exe or .dll itself; without -i it is the one that .reload found on the symbol path. It has to be the',
    'very file: its PDB, or its time stamp and size, are compared first. Without MODULE, the one of the current instruction.',
    '-d lists the differences, -db shows them as db does, -lo N at most N lines, -v what was compared.',
    'Sections: executable and neither writable nor discardable nor PAGE*; -as all that are not discardable,',
    '-ss NAME those whose names contain NAME; -r START END only this range of addresses.',
    'Not counted: import addresses, what the loader sets, nop for lock (-noplock counts it); places that the file lets the',
    'loader rewrite (dynamic relocations) are counted apart. -nar does not move the file to where the image is loaded.',
    '-nospec and -np change nothing here. A dump is not written to: there is no -f.',
  ],
  examples: ['!chkimg -d nt -i ntoskrnl.exe', '!chkimg -v -as mydriver -i C:\\build\\mydriver.sys'],
  *run(console, args): CommandRun {
    const request = parseCheck(checkImage, console, args);
    const { module, path, options } = request;
    const file = console.host.openFile(path);
    try {
      const comparison = yield* compare(console, request, file);
      requireCompared(module, comparison);
      return {
        data: comparison,
        lines: [...listing(console, request, comparison), ...summary(request, comparison)],
        call: callOf(module, path, options),
      };
    } finally {
      file.close();
    }
  },
};

/** No difference in nothing is no answer: throws when no byte could be compared. */
function requireCompared({ name }: Module, { sections, comparedBytes, missingBytes }: FileComparison): void {
  if (comparedBytes > 0) return;
  if (sections.length === 0) throw new DebuggerError('COMMAND_USAGE', `no section of ${name} was chosen`);
  const what =
    missingBytes === 0
      ? 'there is nothing to compare in these sections'
      : 'not one byte to compare is in the dump';
  throw new DebuggerError('MEMORY_UNREADABLE', `${name} was not compared: ${what}`);
}

function* compare(
  console: Console,
  { module, options }: CheckRequest,
  file: HostFile,
): Generator<ReturnType<typeof progressStep>, FileComparison> {
  const run = compareWithFile(console.system, module, file, options);
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield progressStep('comparing', step.value, module.size);
  return step.value;
}

function callOf({ base }: Module, path: string, options: CompareOptions): string {
  const module = `session.system.modules.find(({ base }) => base === ${bigHex(base)})`;
  const file = `session.console.host.openFile(${JSON.stringify(path)})`;
  const more = Object.keys(options).length === 0 ? '' : `, ${JSON.stringify(options)}`;
  return `engine.runToEnd(engine.compareWithFile(session.system, ${module}, ${file}${more}))`;
}

/** The differences as asked for, at most so many lines of them. */
function listing(console: Console, request: CheckRequest, { differences }: FileComparison): Line[] {
  const { display, maxLines, module } = request;
  if (display === 'none') return [];
  const lines: Line[] = [];
  let before: ImageDifference | undefined;
  for (const difference of differences) {
    const more =
      display === 'bytes'
        ? differenceLines(console.system, module, difference, before)
        : rowsOf(console.system, module, difference);
    lines.push(...more.slice(0, maxLines - lines.length));
    if (lines.length >= maxLines) break;
    before = difference;
  }
  return lines;
}

function summary({ module, verbose }: CheckRequest, comparison: FileComparison): Line[] {
  const { comparedBytes, missingBytes, rewrittenBytes, notes } = comparison;
  const count = plain(`Number of different bytes for ${module.name}: ${comparison.differentBytes}`);
  const facts = [
    ...(verbose ? verboseFacts(comparison) : []),
    ...(missingBytes > 0
      ? [`${missingBytes} of ${comparedBytes + missingBytes} bytes are not in the dump and were not compared`]
      : []),
    ...(rewrittenBytes > 0
      ? [
          `${rewrittenBytes} more bytes differ where the file lets the loader rewrite code (dynamic relocations)`,
        ]
      : []),
    ...notes,
  ];
  return [...count, ...facts.map((fact): Line => [span(`(${fact})`, 'dim')])];
}

function verboseFacts({ sections, matchedBy, distance }: FileComparison): string[] {
  const moved =
    distance === 0n ? 'it is loaded where it was linked' : `it is moved by 0x${distance.toString(16)}`;
  return [
    `the file matches by its ${matchedBy}; ${moved.replace('0x-', '-0x')}`,
    ...sections.map(
      ({ name, rva, size, compared }) =>
        `section ${name} at +0x${rva.toString(16)}: ${compared} of ${size} bytes compared`,
    ),
  ];
}
