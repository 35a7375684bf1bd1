import { BufferSource, type Line, lineText, openSession, type Session } from '@poolscope/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, sharedText } from '../shared-files.ts';
import { area } from '../transcripts/areas/article.ts';
import { type DumpName, dumpNamed } from '../transcripts/dumps.ts';
import { symbolsFor } from '../transcripts/symbol-source.ts';

/*
 * Every command of the article, on machines that ran into its crashes, against what it printed: token by token. What may differ
 * stands in `differences`, each with its reason; nothing else does.
 */

type Lines = readonly string[];

/** A command as the article shows it; the same one may stand there more than once. */
interface Shown {
  readonly title: string;
  readonly command: string;
  readonly lines: Lines;
}

/** The article's text, by headings and prompts. An output without a prompt is that of `!analyze -v`. */
function shownIn(text: string): Shown[] {
  const sections = text.split(/^## /m).slice(1);
  return sections.flatMap((section) => {
    const [title, ...rest] = section.split('\n');
    const commands = rest.join('\n').split(/^kd> /m);
    return commands.flatMap((each, index) => {
      const lines = each.split('\n');
      const command = index === 0 ? '!analyze -v' : lines.shift()!;
      const printed = lines.filter((line) => line.trim() !== '');
      return printed.length === 0 ? [] : [{ title: title!, command, lines: printed }];
    });
  });
}

const dumpOf = ({ title, command }: Shown): DumpName => {
  if (title.startsWith('Part 1')) return 'article-1';
  if (title.startsWith('Part 2')) return 'article-2';
  if (title.includes('at once')) return 'article-3-plain';
  return command.startsWith('.frame') ? 'article-3' : 'article-3-driver';
};

/** Notes of our own stand in another colour: what is compared is the debugger's part. */
const isOurs = (line: Line): boolean =>
  line.length > 0 && line.every((part) => typeof part !== 'string' && part.style === 'dim');
const printedText = (line: Line): string =>
  lineText(line.filter((part) => typeof part === 'string' || part.style !== 'dim'));

const answer = (session: Session, command: string): string[] =>
  session
    .execute(command)
    .lines.filter((line) => !isOurs(line))
    .map(printedText)
    .filter((line) => line.trim() !== '');

const tokens = (lines: Lines): string[] => lines.join(' ').split(/\s+/).filter(Boolean);

/** Changes what the article printed into what is expected, for a reason. */
interface Difference {
  readonly why: string;
  /** Of the heading and the command. */
  readonly where: RegExp;
  readonly article?: (lines: Lines) => Lines;
  readonly ours?: (lines: Lines) => Lines;
}

const replaced = (from: RegExp, to: string) => (lines: Lines) => lines.map((line) => line.replace(from, to));
const argument = /^(Arg\d: [\da-f]{16},).*$/;
const analysis = /: !analyze/;

const differences: readonly Difference[] = [
  {
    why: 'the sentences that explain a bug check and its arguments are our own; name, code and values are compared',
    where: analysis,
    article: (lines) => headOf(lines).map((line) => line.replace(argument, '$1')),
    ours: (lines) => headOf(lines).map((line) => line.replace(argument, '$1')),
  },
  {
    why: 'the copy begins behind the box',
    where: /^Part 3.*: !analyze/,
    ours: (lines) => lines.filter((line) => !line.startsWith('*')),
  },
  {
    why: 'the debugger of today writes the command to see the context without `;r`: the registers follow at once',
    where: analysis,
    article: replaced(/;r\)$/, ')'),
  },
  {
    why: 'the copy lost the value of the operand: sixteen question marks',
    where: /: \.cxr/,
    article: replaced(/=$/, '=????????????????'),
  },
  {
    why: 'the copy cut lines off at `large` and `single`, and joined two words twice',
    where: /: (!pool|dq)/,
    article: (lines) =>
      lines.map((line) =>
        line
          .replace(
            /^if the entire page.*$/,
            'if the entire page is actually part of a large page allocation...',
          )
          .replace(/checking large$/, 'checking large session pool...')
          .replace(/^Analyzing$/, 'Analyzing linked list...')
          .replace(/^Scanning for single$/, 'Scanning for single bit errors...')
          .replace(/(`\d{8})(\d{8}`)/, '$1 $2'),
      ),
  },
  {
    why: 'the extent of the damage is our own: what cannot be explained, not the first header',
    where: /: !pool fffffa8001a1b820/,
    article: replaced(
      /^\[ \w+ --> \w+ \(size = 0x10 bytes\)\]/,
      '[ fffffa8001a1b810 --> fffffa8001a1c000 (size = 0x7f0 bytes)]',
    ),
  },
  {
    why: 'the table of large allocations of sessions is not read, which is said where it would be looked into',
    where: /: !pool fffffa8001a1b820/,
    ours: (lines) => lines.filter((line) => !line.startsWith('Unable to read large session pool table')),
  },
  {
    why: "the owner's words are those of pooltag.txt, which is the vendor's; they are compared where it is given",
    where: /: !pool .*-1000/,
    article: replaced(/Unknown \(\)/, 'Unknown (update pooltag.txt)'),
  },
  {
    why: 'the copy shows the first three of eight instructions, and has a line of pooltag.txt behind them',
    where: /: u /,
    article: (lines) => lines.slice(0, 4),
    ours: (lines) => lines.slice(0, 4),
  },
  {
    why: 'the copy garbled one byte of the line',
    where: /: !for_each_module/,
    article: replaced(/450426-0090909090909090/, '45 04 26-00 90 90 90 90 90 90 90'),
  },
  {
    why: 'user memory is not in a kernel dump: where that frame returns to is not known, and not zero',
    where: /: k$/,
    article: replaced(/00000000`000000000x/, '????????`???????? 0x'),
  },
  {
    why: 'the copy ends before the frame in user mode',
    where: /: kn$/,
    ours: (lines) => lines.slice(0, -1),
  },
];

/** Of an analysis: the box, the name of the bug check, its arguments and its context. */
const headOf = (lines: Lines): Lines =>
  lines.filter((line) =>
    /^(\*+$|.*Bugcheck Analysis|[A-Z_]+ \([\da-f]+\)$|Arguments:|Arg\d:|CONTEXT:)/.test(line),
  );

const placeOf = ({ title, command }: Shown): string => `${title}: ${command}`;

function differ(shown: Shown, lines: Lines, side: 'article' | 'ours'): Lines {
  return differences
    .filter(({ where }) => where.test(placeOf(shown)))
    .reduce((changed, difference) => difference[side]?.(changed) ?? changed, lines);
}

describe.skipIf(!hasShared)('the article, command by command', () => {
  const shown = hasShared ? shownIn(sharedText('data/article-transcripts.txt')) : [];
  const sessions = new Map<DumpName, Session>();
  beforeAll(async () => {
    const poolTags = sharedText('data/pooltag.txt');
    for (const name of new Set(shown.map(dumpOf)))
      sessions.set(
        name,
        await openSession(new BufferSource(dumpNamed(name)), { symbols: symbolsFor(name), poolTags }),
      );
  }, 120_000);

  it('is complete: the golden transcripts run the same commands in the same order', () => {
    expect(shown.length).toBe(20);
    const wanted = Object.fromEntries(
      Object.keys(area.runs).map((dump) => [
        dump,
        shown.filter((each) => dumpOf(each) === dump).map(({ command }) => command),
      ]),
    );
    expect(area.runs).toEqual(wanted);
  });

  it.each(differences.map((each) => [each.why, each] as const))(
    'may differ: %s',
    (_why, { where, article, ours }) => {
      const places = shown.filter((each) => where.test(placeOf(each)));
      const changes = places.filter((each) => {
        const answered = answer(sessions.get(dumpOf(each))!, each.command);
        const isChanged = (lines: Lines, change = (same: Lines) => same) =>
          change(lines).join('\n') !== lines.join('\n');
        return isChanged(each.lines, article) || isChanged(answered, ours);
      });
      expect(changes).not.toEqual([]);
    },
  );

  it.each(shown.map((each) => [each.title, each.command, each] as const))(
    '%s: %s',
    (_title, command, each) => {
      const session = sessions.get(dumpOf(each))!;
      const ours = tokens(differ(each, answer(session, command), 'ours'));
      expect(ours.length).toBeGreaterThan(1);
      expect(ours).toEqual(tokens(differ(each, each.lines, 'article')));
    },
  );
});
