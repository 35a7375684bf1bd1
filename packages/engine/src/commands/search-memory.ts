import { Fault, type Va } from '../base/index.ts';
import {
  type FoundString,
  keepMatches,
  readBytes,
  type SearchResult,
  type SearchStep,
  searchMemory,
  searchStrings,
} from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep, progressStep, type Step, usageError } from './command.ts';
import type { Console } from './console.ts';
import { cellFormats, rowLine } from './memory-rows.ts';
import { type CommandResult, type Line, span } from './output.ts';
import { readSearch, type SearchRequest, type SearchType } from './search-request.ts';
import { sizeText } from './size-text.ts';

export const searchCommand: Command = {
  names: ['s'],
  usage: '[-[[FLAGS]]TYPE] RANGE PATTERN',
  summary: 'search memory for bytes, numbers or texts',
  group: 'search',
  joins: /^-/,
  details: [
    'TYPE: b bytes (if none is given), w words, d dwords, q qwords, a ASCII, u UTF-16.',
    '-sa and -su list all texts, and take no PATTERN.',
    'FLAGS: 1 addresses alone, w writable pages, l LENGTH of texts (3), s saves the hits, r looks at saved hits, n HITS how many are saved (400). There are no names for sets of hits.',
    'PATTERN: values, characters in \' or a text in ". Words and longer values match at multiples of their size from the start of the range.',
    'RANGE is in bytes: ADDR LCOUNT or ADDR END, more than 256 MB with L?. What is not mapped costs no time: all of the kernel is a range like any other.',
    'A search ends after 65536 hits, and says where to go on.',
  ],
  examples: [
    's -a nt L1000000 "None"',
    "s -d ffff8000`00000000 L?7fffffffffff 'enoN'",
    's -q @rsp L1000 @rcx',
    's -[1]b nt L?1000000 0f 22 e0',
    's -[l8]sa nt L1000',
    '.foreach (hit {s -[1]d nt L?1000000 656e6f4e}) {ln hit}',
  ],
  *run(console, args): CommandRun {
    if (args === '') throw usageError(searchCommand, 'a range and a pattern are missing');
    const request = readSearch(console, args);
    if (request.restrict) return restricted(console, request);
    const { pattern, range, type, writable, shortest } = request;
    if (pattern === undefined) {
      const unit = type === 'sa' ? 1 : 2;
      const options = { unit, shortest, writable } as const;
      const run = searchStrings(console.memory, range, options);
      const result = yield* follow(request, run, (hits) =>
        hits.map((hit) => stringLine(console, request, hit)),
      );
      return finished(
        console,
        request,
        result,
        result.hits.map(({ at }) => at),
        stringsCall(request, unit),
      );
    }
    const run = searchMemory(console.memory, range, pattern, { writable });
    const result = yield* follow(request, run, (hits) => hits.map((hit) => hitLine(console, request, hit)));
    return finished(console, request, result, result.hits, patternsCall(request));
  },
};

/** Hands out the hits as they are found. */
function* follow<Hit>(
  { range }: SearchRequest,
  run: Generator<SearchStep<Hit>, SearchResult<Hit>>,
  linesOf: (hits: readonly Hit[]) => Line[],
): Generator<Step, SearchResult<Hit>> {
  const total = Number(range.end - range.start);
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
    if (step.value.hits.length > 0) yield linesStep(linesOf(step.value.hits));
    yield progressStep('searching', Number(step.value.at - range.start), total);
  }
}

const formats = {
  b: cellFormats.db,
  a: cellFormats.db,
  w: cellFormats.dW,
  u: cellFormats.dW,
  d: cellFormats.dc,
  q: cellFormats.dq,
} as const satisfies Readonly<Record<Exclude<SearchType, 'sa' | 'su'>, unknown>>;

function hitLine(console: Console, { type, brief }: SearchRequest, hit: Va): Line {
  const address = console.system.addressText(hit);
  if (brief) return [span(`0x${address}`, 'address')];
  return rowLine(address, readBytes(console.memory, hit, 16), formats[type as keyof typeof formats]);
}

function stringLine({ system }: Console, { brief }: SearchRequest, { at, text }: FoundString): Line {
  const address = system.addressText(at);
  return brief ? [span(`0x${address}`, 'address')] : [span(address, 'address'), `  "${text}"`];
}

/** Looks at saved hits. */
function restricted(console: Console, request: SearchRequest): CommandResult {
  const { pattern, patternCall } = request;
  const hits = keepMatches(console.memory, console.savedHits, pattern!);
  const call = `engine.keepMatches(session.console.memory, session.console.savedHits, ${patternCall})`;
  return { data: hits, lines: hits.map((hit) => hitLine(console, request, hit)), call };
}

function finished<Hit>(
  console: Console,
  { save, brief, endsAt }: SearchRequest,
  data: SearchResult<Hit>,
  addresses: readonly Va[],
  call: string,
): CommandResult {
  const notes: string[] = [];
  // The end of a module or stack, as it is typed, is the address behind it.
  const onlyEnd = data.missing === 1n && endsAt !== undefined && !isThere(console, endsAt);
  const missing = onlyEnd ? 0n : data.missing;
  if (console.unsearched !== undefined) console.unsearched += missing;
  else if (missing > 0n) notes.push(unsearchedText(missing, 'the range'));
  if (data.resumeAt !== undefined) {
    const at = console.system.addressText(data.resumeAt);
    notes.push(`The search stopped after ${data.hits.length} hits; it goes on with a range from ${at}.`);
  }
  if (save !== undefined) {
    console.savedHits = addresses.slice(0, save);
    if (addresses.length > save) notes.push(`Overflow: only the first ${save} hits were saved.`);
  }
  // Addresses alone are for scripts.
  return { data, lines: brief ? [] : notes.map((note): Line => [span(note, 'dim')]), call };
}

/** What a search says of bytes that it could not look at. */
export const unsearchedText = (missing: bigint, of: string): string =>
  `${sizeText(missing)} of ${of} could not be searched: not mapped, or not in this dump.`;

const isThere = ({ memory }: Console, va: Va): boolean => !(memory.tryRead(va, 1) instanceof Fault);

const rangeText = ({ range }: SearchRequest): string =>
  `{ start: ${bigHex(range.start)}, end: ${bigHex(range.end)} }`;

function patternsCall(request: SearchRequest): string {
  const options = request.writable ? ', { writable: true }' : '';
  return `engine.runToEnd(engine.searchMemory(session.console.memory, ${rangeText(request)}, ${request.patternCall}${options}))`;
}

function stringsCall(request: SearchRequest, unit: 1 | 2): string {
  const options = `{ unit: ${unit}, shortest: ${request.shortest}${request.writable ? ', writable: true' : ''} }`;
  return `engine.runToEnd(engine.searchStrings(session.console.memory, ${rangeText(request)}, ${options}))`;
}
