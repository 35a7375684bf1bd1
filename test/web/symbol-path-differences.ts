import type { HostDifference } from './host-difference.ts';

/** Symbols of a page are files that were given to it, not a path that a command sets: what it shows, word by word. */

const noSymbols =
  '(no symbols were looked for: names come from export tables, layouts and some names of nt from built-in profiles)';
const notAnew = '(symbols were looked for when the dump was opened, and cannot be looked for anew here)';
const refused =
  'another symbol path cannot be used here\n  Run poolscope debug in a terminal, which has files.';

const ofPath = (name: string, command: RegExp, shows: NonNullable<HostDifference['shows']>) => ({
  name: `symbol path: ${name}`,
  why: 'the transcript has a folder with the symbols of nt, which commands name',
  area: 'symbol-path',
  command,
  shows,
});

export const symbolPathDifferences: readonly HostDifference[] = [
  ofPath('none', /^\.sympath$/, (shown) => shown === `Symbol search path is: *** Invalid ***\n${noSymbols}`),
  ofPath('refused', /^\.sym(path|fix)\+? ?\S/, (shown) => shown === refused),
  // Commands behind it on the line run in both.
  ofPath(
    'refused, and the line goes on',
    /^\.symfix;/,
    (shown, golden) => shown.startsWith(refused) && golden.endsWith(shown.slice(refused.length)),
  ),
  ofPath('nothing is loaded', /^\.reload$/, (shown) => shown === noSymbols),
  ofPath(
    'a module without',
    /^(\.reload|ld) sampledrv$/,
    (shown, golden) => shown === `${golden}\n${noSymbols}`,
  ),
  ofPath(
    'not anew',
    /^\.reload \/f sampledrv\.sys$/,
    (shown, golden) => shown === `${golden}\n${noSymbols}\n${notAnew}`,
  ),
  ofPath('nt without', /^ld nt$/, (shown, golden) => {
    const wants = golden.split('\n').at(-1)!;
    return wants.includes('wants ntkrnlmp.pdb') && shown === `nt: export symbols\n${wants}\n${noSymbols}`;
  }),
  ofPath(
    'nt in the list',
    /^lm m nt$/,
    (shown, golden) =>
      shown === golden.replace('(ISF symbols)          ntkrnlmp.json', '(export symbols)       ntoskrnl.exe'),
  ),
  ofPath(
    'no names',
    /^x nt!Internal/,
    (shown, golden) =>
      golden.includes('nt!InternalHelper') &&
      shown === '(no export matches, and no name of the debugger data)',
  ),
  ofPath('frames without names', /^k$/, (shown, golden) => {
    const [frames, named] = [shown, golden].map((text) => text.split('\n'));
    return (
      frames!.length === named!.length &&
      frames!.every((frame, at) => frame === named![at] || frame === withoutName(named![at]!, frame))
    );
  }),
];

/** A frame of nt whose name the page does not know: only its call site may be another. */
const withoutName = (named: string, frame: string): string =>
  named.replace(/ nt![\w+]+ /, / nt\+0x[0-9a-f]+ /.exec(frame)?.[0] ?? ' nt!');
