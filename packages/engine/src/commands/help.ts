import type { Command, CommandGroup } from './command.ts';
import { findNotHere, notHereText, unknownCommand } from './not-here.ts';
import { type CommandResult, type Line, plain, span } from './output.ts';
import { ownCommandsOf } from './own-commands.ts';
import { findScriptWord, scriptWords } from './tables/script-words.ts';

/** Headings of the help, in their order. */
const headings: Readonly<Record<CommandGroup, string>> = {
  dump: 'The dump',
  registers: 'Registers and context',
  stack: 'Stacks',
  memory: 'Memory',
  search: 'Searching',
  pool: 'Pool',
  paging: 'Addresses and page tables',
  code: 'Code',
  modules: 'Modules and symbols',
  objects: 'Objects of the kernel',
  expressions: 'Expressions',
  scripts: 'Scripts',
  session: 'This console',
};

/** What can be explained: a command, or a word of the script language. */
type Topic = Pick<Command, 'names' | 'usage' | 'summary' | 'details' | 'examples'>;

/** Longest line of the help. */
const lineWidth = 100;
/** Where the summaries begin; a longer head has its summary on the next line. */
const summaryColumn = 34;

/** The help over a list of commands; it belongs to the list itself. */
export function makeHelp(commands: readonly Command[]): Command {
  return {
    names: ['.help'],
    usage: '[COMMAND]',
    summary: 'list the commands, or explain one',
    group: 'session',
    details: [
      'Commands of the Windows debugger that are not here are explained too: what they do, and what is nearest.',
    ],
    examples: ['.help', '.help db', '.help .foreach', '.help !locks'],
    run: (console, args) => {
      const all = [...commands, ...ownCommandsOf(console)];
      return args === '' ? listAll(all) : explain(all, args);
    },
  };
}

function listAll(commands: readonly Command[]): CommandResult {
  const groups = Object.keys(headings) as CommandGroup[];
  const lines = groups.flatMap((group) => listGroup(commands, group));
  const data = [...commands, ...scriptWords].map(({ names }) => names);
  const more = '.help COMMAND explains one. Numbers are hexadecimal; RANGE is ADDR, ADDR LCOUNT or ADDR END.';
  return { data, lines: [...lines, ...plain(more)] };
}

function listGroup(commands: readonly Command[], group: CommandGroup): Line[] {
  const words: readonly Topic[] = group === 'scripts' ? scriptWords : [];
  const topics: readonly Topic[] = [...commands.filter((command) => command.group === group), ...words];
  if (topics.length === 0) return [];
  return [[span(headings[group], 'heading')], ...topics.flatMap(listLines), ['']];
}

/** `db dw dd RANGE    display memory`, wrapped. */
function listLines({ names, usage, summary }: Topic): Line[] {
  const head = wrap(`${names.join(' ')} ${shortUsage(usage)}`.trim(), lineWidth - 4);
  const text = wrap(summary, lineWidth - summaryColumn - 2);
  const lines = head.map((line, index) => `  ${index > 0 ? '  ' : ''}${line}`);
  if (lines.at(-1)!.length < summaryColumn)
    lines[lines.length - 1] = lines.at(-1)!.padEnd(summaryColumn) + text.shift()!;
  return plain(...lines, ...text.map((line) => ' '.repeat(summaryColumn) + line));
}

/** Of a long usage the list shows the beginning. */
const shortUsage = (usage: string): string => (usage.length > 40 ? '...' : usage);

function explain(commands: readonly Command[], args: string): CommandResult {
  const name = args.trim();
  const topic = findTopic(commands, name);
  if (topic !== undefined) return { data: topic.names, lines: explainLines(topic) };
  const known = findNotHere(name);
  if (known === undefined) throw unknownCommand(commands, name);
  return { data: known.names, lines: plain(...wrap(`${notHereText(name, known, commands)}.`, lineWidth)) };
}

function findTopic(commands: readonly Command[], name: string): Topic | undefined {
  const lower = name.toLowerCase();
  return (
    commands.find(({ names }) => names.includes(name)) ??
    commands.find(({ names }) => names.includes(lower)) ??
    findScriptWord(lower)
  );
}

export function explainLines({ names, usage, summary, details = [], examples = [] }: Topic): Line[] {
  const head = wrap(`${names.join(', ')} ${usage}`.trim(), lineWidth);
  const indented = (text: string): string[] => wrap(text, lineWidth - 4).map((line) => `    ${line}`);
  const shown = examples.length === 0 ? [] : ['    For example:', ...examples.map((line) => `      ${line}`)];
  return plain(...head, ...indented(summary), ...joined(details).flatMap(indented), ...shown);
}

/** Sentences that go on in the next line are wrapped as one; rows of a table, told by their columns, stay as they are. */
function joined(details: readonly string[]): string[] {
  const texts: string[] = [];
  let goesOn = false;
  for (const line of details) {
    const isRow = /\S {2,}\S/.test(line);
    if (goesOn && !isRow) texts.push(`${texts.pop()!} ${line}`);
    else texts.push(line);
    goesOn = !isRow && !/[.;:]$/.test(line);
  }
  return texts;
}

/** Lines of at most so many characters, broken at blanks; a text that fits keeps its own. */
function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
