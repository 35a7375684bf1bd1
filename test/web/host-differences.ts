import type { HostDifference } from './host-difference.ts';
import { symbolPathDifferences } from './symbol-path-differences.ts';

const notHere = '\n  Type .help for the list of commands.';

const noFiles = ' cannot be used here\n  Run poolscope debug in a terminal, which has files.';
const refusals = new Set(['files', 'script files', 'a log file']);

export const hostDifferences: readonly HostDifference[] = [
  {
    name: 'not here',
    why: 'the transcripts print the remedy of every error; a console leaves it out where the error says it all',
    command: /./,
    shows: (shown, golden) =>
      golden.includes(notHere) && !shown.includes(notHere) && shown === golden.replace(notHere, ''),
  },
  {
    name: 'files',
    why: 'the transcripts have files in memory; a page has none that a command could name',
    command: /^(\$\$?>?(a)?<|\.foreach \/f|!chkimg .*-i|\.logopen|\.logappend)/,
    shows: (shown, golden) => {
      // Commands behind it on the line run in both.
      const [refusal = '', behind] = shown.split(noFiles);
      return behind !== undefined && refusals.has(refusal) && golden.endsWith(behind);
    },
  },
  {
    name: 'no log',
    why: 'no log file was opened, as a page has no files',
    area: 'scripts',
    command: /^\.log(file|close)$/,
    shows: (shown) => shown === 'No log file open',
  },
  {
    name: 'explain',
    why: 'it explains the last answer, and the one before has read a file in the transcript',
    area: 'code',
    command: /^explain$/,
    shows: (shown, golden) =>
      shown.startsWith('const data = engine.') && golden.includes('console.host.openFile'),
  },
  ...symbolPathDifferences,
  {
    name: 'symbol files',
    why: 'the path says where the symbols are from: files that were given to the page',
    area: 'symbols',
    command: /^\.sympath$/,
    shows: (shown, golden) => shown === golden.replace(': symbols', ': files given to this page'),
  },
];
