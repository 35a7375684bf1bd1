import { DebuggerError, type Va } from '../base/index.ts';
import {
  describeHeap,
  type HeapReport,
  isKernelAddress,
  type PoolHeaps,
  readProvenHeaps,
  type SearchedKernel,
  summarizeHeap,
  surveyHeap,
} from '../pool/index.ts';
import { readSessionId } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { heapRowLines } from './heap-row-lines.ts';
import { heapSurveyLines } from './heap-survey-lines.ts';
import { heapTableLines, heapTypeLines } from './heap-table-lines.ts';
import { noteLines } from './note-lines.ts';
import type { Line } from './output.ts';
import { withProgress } from './pool-argument.ts';
import { poolKernelOf } from './session-lines.ts';

export const showHeap: Command = {
  names: ['!heap'],
  usage: '[-s | -a HEAP | -x ADDR]',
  summary: 'list the heaps that the pool of Windows 10 1903 and later is in, and what they hold',
  group: 'pool',
  details: [
    '-s adds what each heap counts of itself. -a HEAP lists its segments, ranges of pages, sizes of the LFH and large allocations.',
    '-x ADDR says which heap, range, subsegment and block an address is in. Heaps of programs are not here.',
  ],
  examples: ['!heap -s', '!heap -a ffff8a00`10000000', '!heap -x @rcx'],
  *run(console, args): CommandRun {
    const [, option, rest = ''] = /^(?:(-\S+)\s*)?(.*)$/.exec(args) ?? [];
    if (option === undefined && rest !== '')
      throw usageError(showHeap, `'${rest.slice(0, 40)}' is no option`);
    switch (option) {
      case undefined:
      case '-s':
        if (rest !== '') throw usageError(showHeap, `'${rest.slice(0, 40)}' is too much`);
        return yield* listHeaps(console, option === '-s');
      case '-a':
        return yield* showWhole(console, addressOf(console, rest));
      case '-x':
        return yield* showAddress(console, addressOf(console, rest));
      default:
        throw usageError(showHeap, `'${option.slice(0, 40)}' is no option here`);
    }
  },
};

function addressOf(console: Console, text: string): Va {
  if (text === '') throw usageError(showHeap, 'an address is missing');
  const va = evaluateIn(console, text);
  if (isKernelAddress(console.system, va)) return va;
  throw new DebuggerError(
    'ADDRESS_NOT_MAPPED',
    `${console.system.plainText(va)} is no address of the kernel, and its heaps are nowhere else`,
  );
}

/** Said where no heaps can be listed. */
const noHeaps = (why: string): Line[] =>
  noteLines(`The heaps of the pool cannot be listed: ${why}.`, 'warning');

/** The call that gives the heaps. */
const heapsCall = (text: string): string => `engine.runToEnd(engine.readProvenHeaps(${text}))`;

function* listHeaps(console: Console, isLong: boolean): CommandRun {
  const { kernel, text } = poolKernelOf(console);
  const found = yield* withProgress(readProvenHeaps(kernel), 'looking for the heap key');
  if (typeof found === 'string') return { data: found, lines: noHeaps(found), call: heapsCall(text) };
  if (!isLong)
    return {
      data: found.heaps,
      lines: [...heapTypeLines(console, found.heaps), ...heapNotes(found), ...sessionNote(kernel, found)],
      call: `${heapsCall(text)}.heaps`,
    };
  const data = found.heaps.map((heap) => summarizeHeap(kernel, heap));
  const call = `${heapsCall(text)}.heaps.map((heap) => engine.summarizeHeap(${text}, heap))`;
  return {
    data,
    lines: [...heapTableLines(console, data), ...heapNotes(found), ...sessionNote(kernel, found)],
    call,
  };
}

/** A process of no session sees the heaps of none. */
function sessionNote(kernel: SearchedKernel, { heaps }: PoolHeaps): Line[] {
  const { process, structures, target } = kernel;
  const isKnown = structures.offset('_MM_SESSION_SPACE', 'HeapState') !== undefined;
  if (process === undefined || !isKnown || heaps.length === 0) return [];
  if (readSessionId(kernel, process.address, target.memory) !== 'none') return [];
  return noteLines('Heaps of sessions are seen with a process of one: .process /p PROCESS.');
}

function heapNotes({ heaps, state, keys }: PoolHeaps): Line[] {
  const [first] = heaps;
  return [
    ...(first === undefined ? noteLines('No heap of the pool is in this dump.', 'warning') : []),
    ...(typeof state === 'string' ? noteLines(`Others may be lacking: ${state}.`, 'warning') : []),
    ...(first === undefined || typeof state === 'string' ? [] : noteLines(`By ${state.from}.`)),
    ...(typeof keys.heapKey === 'string'
      ? noteLines(`Their key is not known: ${keys.heapKey}.`, 'warning')
      : first === undefined
        ? noteLines(`Their key is known by ${keys.heapKey.from}: !pool and !poolfind tell blocks with it.`)
        : []),
    ...(keys.refused === undefined || typeof keys.heapKey === 'string'
      ? []
      : noteLines(
          `Their key is damaged: ${keys.refused}. The one that is used is known by ${keys.heapKey.from}.`,
          'warning',
        )),
    ...(typeof keys.lfhKey === 'string'
      ? noteLines(`The key of the LFH is not known: ${keys.lfhKey}.`, 'warning')
      : []),
  ];
}

function* showWhole(console: Console, va: Va): CommandRun {
  const { kernel, text } = poolKernelOf(console);
  const found = yield* withProgress(readProvenHeaps(kernel), 'looking for the heap key');
  if (typeof found === 'string') return { data: found, lines: noHeaps(found), call: heapsCall(text) };
  const data = yield* withProgress(surveyHeap(kernel, va), 'walking the heap');
  if (data === undefined)
    throw new DebuggerError(
      'ADDRESS_NOT_MAPPED',
      `no heap of the pool begins at ${console.system.plainText(va)}: !heap lists them`,
    );
  const call = `engine.runToEnd(engine.surveyHeap(${text}, ${bigHex(va)}))`;
  return { data, lines: heapSurveyLines(console, data), call };
}

function* showAddress(console: Console, va: Va): CommandRun {
  const { kernel, text } = poolKernelOf(console);
  const found = yield* withProgress(readProvenHeaps(kernel), 'looking for the heap key');
  if (typeof found === 'string') return { data: found, lines: noHeaps(found), call: heapsCall(text) };
  const data: HeapReport = yield* withProgress(describeHeap(kernel, va));
  const call = `engine.runToEnd(engine.describeHeap(${text}, ${bigHex(va)}))`;
  return { data, lines: heapRowLines(console, data), call };
}
