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
