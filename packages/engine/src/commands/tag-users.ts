import {
  searchTagUsers,
  type TagUser,
  type TagUsers,
  tagText,
  tagValue,
  type UnseenCode,
} from '../pool/index.ts';
import { requireDisassembler } from './code-lines.ts';
import { type Command, type CommandRun, linesStep, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { type Line, plain, span } from './output.ts';
import { ownerLines } from './pool-block-lines.ts';

export const tagUsersCommand: Command = {
  names: ['!tagusers'],
  usage: 'TAG',
  summary: 'find the code that names a pool tag: who allocates, frees or compares with it',
  group: 'pool',
  details: [
    'Looks in the code and data of all loaded images for the tag, and follows it to the calls that get it, also through the',
    "images' own functions. strong: it gets where a function that takes a tag expects it; likely: the same with a step that is",
    'not proven, as a variable or a table, or it gets to a function of which nothing is known; weak: the number is there. TAG is',
    'up to four characters, in quotes where it ends with blanks, or 0x and a number as it stands in memory. Tags that are',
    'computed of several numbers are not found.',
  ],
  examples: ['!tagusers Irp', "!tagusers 'Ntfr'", '!tagusers 0x20707249'],
  *run(console, args): CommandRun {
    const tag = takeTag(args);
    requireDisassembler(console);
    yield linesStep(heading(console, tag));
    const run = searchTagUsers(console.system, tag);
    for (;;) {
      const step = run.next();
      if (step.done === true)
        return {
          data: step.value,
          lines: ending(step.value),
          call: `engine.runToEnd(engine.searchTagUsers(session.system, 0x${tag.toString(16)}))`,
        };
      const { users, done, total } = step.value;
      if (users.length > 0) yield linesStep(users.flatMap((user) => userLines(console, user)));
      yield progressStep('searching code', done, total);
    }
  },
};

/** A tag as text or as a number. Throws a DebuggerError. */
function takeTag(args: string): number {
  const text = /^(['"])(.*)\1$/.exec(args)?.[2] ?? args.trim();
  const number = /^0x([\da-f]{1,8})$/i.exec(text)?.[1];
  if (number !== undefined && number.length > 4) return Number.parseInt(number, 16);
  if (text === '') throw usageError(tagUsersCommand, 'a tag is missing');
  if (text.length > 4)
    throw usageError(tagUsersCommand, `'${text.slice(0, 40)}' has more than four characters`);
  if (/[^\x20-\x7e]/.test(text)) throw usageError(tagUsersCommand, 'a tag has printable characters only');
  if (/[*?]/.test(text)) throw usageError(tagUsersCommand, 'the number in the code has no wildcards');
  return tagValue(text);
}

const heading = (console: Console, tag: number): Line[] => [
  [`Code that names the tag '${tagText(tag)}' (0x${tag.toString(16).padStart(8, '0')}):`],
  ...ownerLines(console, tagText(tag)),
  [''],
];

const uses: Readonly<Record<TagUser['use'], string>> = {
  allocates: 'allocates',
  frees: 'frees',
  references: 'tag of object references, not of pool',
  compares: 'compares',
  unknown: 'what for is not known',
};

function userLines({ system }: Console, user: TagUser): Line[] {
  const { address, module, name, text, trust, use, reason, isProtected } = user;
  const mark = isProtected ? ' (with the bit that protects it)' : '';
  return [
    [
      span(system.addressText(address), 'address', `u ${system.plainText(address)}`),
      ' ',
      span(name ?? module, 'symbol'),
      `  ${text}${mark}`,
    ],
    [
      '    ',
      span(trust, trust === 'weak' ? 'dim' : 'heading'),
      `: ${uses[use]}, ${reason}`,
      ...callSpans(system, user),
    ],
  ];
}

function callSpans(system: Console['system'], { call, through }: TagUser): Line {
  if (call === undefined) return [];
  const at = span(system.addressText(call.address), 'address', `u ${system.plainText(call.address)}`);
  const handed = through.flatMap(({ name, target }) => [
    ', through ',
    span(name ?? system.addressText(target), 'symbol', `u ${system.plainText(target)}`),
  ]);
  return call.name === undefined
    ? [...handed, ', called at ', at]
    : [...handed, ' -> ', span(call.name, 'symbol'), `${call.by === 'import' ? ' by import,' : ','} at `, at];
}

function ending({ users, modules, unseen, isCut }: TagUsers): Line[] {
  const places = `${users.length} ${users.length === 1 ? 'place' : 'places'}`;
  const looked = `${modules} ${modules === 1 ? 'module' : 'modules'}`;
  return [
    ...(users.length === 0 ? [] : [['']]),
    ...plain(
      modules === 0
        ? 'No code of any module is in this dump.'
        : `${users.length === 0 ? 'Nothing' : places} in the code of ${looked}.`,
    ),
    ...(isCut ? [[span('There are more: the search ended here.', 'warning')]] : []),
    ...unseenLine(unseen),
  ];
}

const mostNamed = 8;

function unseenLine(unseen: readonly UnseenCode[]): Line[] {
  if (unseen.length === 0) return [];
  const named = unseen
    .slice(0, mostNamed)
    .map(({ module, missing, size }) =>
      missing === undefined || missing === size ? module : `${module} (${percent(missing, size!)} missing)`,
    );
  const more = unseen.length > mostNamed ? `, and ${unseen.length - mostNamed} more modules` : '';
  return [[span(`Code that is not in this dump, or not wholly: ${named.join(', ')}${more}.`, 'dim')]];
}

/** Never 0 or 100: some is missing, and some is there. */
const percent = (part: number, whole: number): string =>
  `${Math.min(99, Math.max(1, Math.round((100 * part) / whole)))}%`;
