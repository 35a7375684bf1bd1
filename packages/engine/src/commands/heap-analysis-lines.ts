import type { ExpectedChunk, HeapBitError, HeapPage, VsChunk } from '../pool/index.ts';
import type { Console } from './console.ts';
import { heapProblemText } from './heap-problem-text.ts';
import { type Line, plain, span } from './output.ts';
import { regionLines } from './pool-analysis-lines.ts';

/** What is wrong with a page of a heap, below the line that says so. */
export function heapAnalysisLines(console: Console, page: HeapPage): Line[] {
  return [
    ['Analyzing linked list...'],
    ...regionLines(console, page),
    ...problemLines(console, page),
    [],
    [],
    ['Scanning for single bit errors...'],
    [],
    ...bitLines(console, page.bitErrors),
    ...page.expected.map((chunk): Line => [span(expectedText(console, chunk), 'dim')]),
  ];
}

function problemLines({ system }: Console, { problems }: HeapPage): Line[] {
  return problems.flatMap((problem): Line[] => {
    const text = heapProblemText(problem, system.plainText);
    return text === undefined ? [] : [['[ ', span(system.plainText(problem.at), 'address'), ` ]: ${text}`]];
  });
}

function bitLines({ system }: Console, errors: readonly HeapBitError[]): Line[] {
  if (errors.length === 0) return plain('None found');
  return errors.map(({ at, bit, field, found, expected }): Line => {
    const change = `${field} [ ${hex(found)} ] with bit ${bit} of the header changed is [ ${hex(expected)} ]`;
    return ['[ ', span(system.plainText(at), 'address'), ` ]: ${change}, and nothing is wrong with it`];
  });
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Our own: what the neighbours say that was there. */
function expectedText({ system }: Console, { at, previousSize, size, found }: ExpectedChunk): string {
  const known = [
    previousSize === undefined ? undefined : `previous size ${previousSize.toString(16)}`,
    size === undefined ? undefined : `size ${size.toString(16)}`,
  ].filter((part) => part !== undefined);
  const wanted = known.length === 0 ? '' : `: ${known.join(', ')}`;
  return `Its neighbours expect a chunk header at ${system.plainText(at)}${wanted}. There is: ${chunkText(found)}.`;
}

const chunkText = (found: VsChunk | undefined): string =>
  found === undefined
    ? 'not in this dump'
    : `previous size ${found.previousSize.toString(16)}, size ${found.size.toString(16)}, allocated ${found.allocated.toString(16)}`;
