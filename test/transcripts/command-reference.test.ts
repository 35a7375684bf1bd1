import { readFileSync } from 'node:fs';
import { BufferSource, type Command, commands, lineText, openSession, scriptWords } from '@poolscope/engine';
import { expect, it } from 'vitest';
import { dumpNamed } from './dumps.ts';

/** The page is what the console says about itself; `npx vitest run test/transcripts -u` writes it anew. */
it('the reference of the commands is the help of the console', async () => {
  const session = await openSession(new BufferSource(dumpNamed('x64-header')));
  const help = (name: string): string =>
    session
      .execute(`.help ${name}`)
      .lines.map((line) => lineText(line).trimEnd())
      .join('\n')
      .trimEnd();
  const block = (text: string): string => `\`\`\`\n${text}\n\`\`\`\n`;
  const topics: readonly Pick<Command, 'names'>[] = [...commands, ...scriptWords];
  const page = [
    '# Commands\n',
    'What the console answers to `.help`, and to `.help NAME` for each name. How lines, keys and files work is in',
    '[console.md](console.md), loops and aliases in [scripts.md](scripts.md).\n',
    block(help('')),
    ...topics.map(({ names }) => block(help(names[0]!))),
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/guide/commands.md');
});

/** Words of the tables that present commands: `db dw dd`, `.frame /r`, `!pte ADDR`. */
function presented(file: string, heading: string): string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const section = text.slice(text.indexOf(`## ${heading}`)).split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const spans = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, span]) => span!));
  const isName = (word: string) => /^([.!$?~]\w*<?|[a-z]+|\$<\w+)$/.test(word);
  return spans
    .map((span) => span.split(' '))
    .flatMap((words) => (words.every(isName) ? words : words.slice(0, 1)))
    .filter(isName);
}

it('the page of the console presents commands that exist', async () => {
  const session = await openSession(new BufferSource(dumpNamed('x64-header')));
  const words = presented('docs/guide/console.md', 'First commands');
  expect(words.length).toBeGreaterThan(15);
  for (const word of words) {
    const codes = [...session.run(word)].map((step) => (step.kind === 'error' ? step.error.code : step.kind));
    expect(codes, word).not.toContain('COMMAND_UNKNOWN');
    expect(codes, word).not.toContain('COMMAND_NOT_HERE');
  }
});
