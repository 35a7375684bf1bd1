import { expect, it } from 'vitest';
import { openConsole } from '../../test/console.ts';

it('calls a list broken only where a link is wrong, not where the dump lacks it', async () => {
  const header = await openConsole({ type: 'header' });
  expect(header.run('!validatelist nt!PsLoadedModuleList').at(-1)).toMatch(
    /^The list can be followed for 0 entries: the link at \S+ cannot be read, the bytes are not in this dump\.$/,
  );
  const full = await openConsole({ type: 'full' });
  expect(full.run('!validatelist 10').at(-1)).toMatch(/^The list is broken after 0 entries: .* is not valid/);
  expect(full.run('!validatelist nt!PsLoadedModuleList').at(-1)).toMatch(/^The list is whole: /);
});
