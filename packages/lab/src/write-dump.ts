import type { Pfn } from '@poolscope/engine/base';
import { joinPieces, type Piece } from './bytes/piece.ts';
import type { BlobFile } from './dump/blobs.ts';
import {
  bitmapDump,
  fullDump,
  type HeaderFacts,
  headerDump,
  rangeDump,
  summaryDump,
} from './dump/page-dumps.ts';
import { savedStackSize } from './dump/saved-stack.ts';
import { type TriageDump, type TriageFamily, triageDump } from './dump/triage.ts';
import { triageBlocks } from './dump/triage-blocks.ts';
import type { Machine } from './machine/machine.ts';
import { countPages, type PageRun, selectRuns } from './memory/page-source.ts';

/** Dumps that the lab writes. */
export type DumpKind =
  | 'full'
  | 'summary'
  | 'header'
  | 'triage'
  | 'bitmap-full'
  | 'bitmap-kernel'
  | 'range-kernel'
  | 'range-kernel-user'
  | 'range-complete';

/** Which dump is written, and what is left out of it. */
export interface DumpOptions {
  readonly type: DumpKind;
  /** Which writer a small dump imitates; B when absent. */
  readonly family?: TriageFamily;
  /** Secondary data to follow the memory. */
  readonly blobs?: BlobFile;
  /** Leaves pages out of a bitmap or range dump that belong in it. */
  readonly omit?: (pfn: Pfn) => boolean;
}

/** The file that the machine would have written, in pieces: see `Piece`. */
export function writeDump(machine: Machine, options: DumpOptions): Iterable<Piece> {
  const { header, memory } = machine;
  const dump = { header, memory, blobs: options.blobs };
  const pages = pagesOf(machine, options);
  switch (options.type) {
    case 'full':
      return fullDump(dump);
    case 'header':
      return headerDump(dump);
    case 'triage':
      return triageDump(smallDump(machine, options));
    case 'summary':
      return summaryDump({ ...dump, pages });
    case 'bitmap-full':
      return bitmapDump({ ...dump, pages }, 5);
    case 'bitmap-kernel':
      return bitmapDump({ ...dump, pages }, 6);
    case 'range-kernel':
      return rangeDump({ ...dump, pages }, 8);
    case 'range-kernel-user':
      return rangeDump({ ...dump, pages }, 9);
    case 'range-complete':
      return rangeDump({ ...dump, pages }, 0xa);
  }
}

/** The same as one array. */
export const dumpBytes = (machine: Machine, options: DumpOptions): Uint8Array =>
  joinPieces(writeDump(machine, options));

/** Complete dumps hold all of RAM, the others what the kernel (and the user, if asked for) uses. */
export function pagesOf({ memory }: Machine, { type, omit = () => false }: DumpOptions): PageRun[] {
  const complete = type === 'bitmap-full' || type === 'range-complete';
  const withUser = type === 'range-kernel-user';
  return selectRuns(memory.runs, (pfn) => {
    if (omit(pfn)) return false;
    const owner = memory.owner(pfn);
    return complete || owner === 'kernel' || (withUser && owner === 'user');
  });
}

/** How the kernel of a build writes small dumps. */
export const kernelFamily = (build: number): TriageFamily => (build < windows10 ? 'A' : 'C');

const windows10 = 10_240;

/** What a small dump of the machine is made of. */
export function smallDump(machine: Machine, { family = 'B', blobs }: Omit<DumpOptions, 'type'>): TriageDump {
  const { memory, processors, crashProcessor, process, thread, stack, space } = machine;
  return {
    family,
    blobs,
    header: smallDumpHeader(machine),
    runs: memory.runs,
    prcb: processors[crashProcessor]!.prcb.bytes(),
    process: process.bytes(),
    thread: thread.bytes(),
    stack: { address: stack.pointer, bytes: space.read(stack.pointer, savedStackSize(machine)) },
    debuggerData: machine.debuggerData.bytes,
    drivers: machine.truth.modules,
    unloaded: machine.unloadedDrivers.toReversed(),
    blocks: triageBlocks(machine, family),
    sourceSize: countPages(memory.runs) * 0x1000,
  };
}

const systemThreadException = 0x7e;
/** Small dumps add this to the code when they show the exception's context instead of the bug check's. */
const shownAtException = 0x1000_0000;

function smallDumpHeader({ header, exceptionContext }: Machine): HeaderFacts {
  if (header.bugCheckCode !== systemThreadException || exceptionContext === undefined) return header;
  return { ...header, bugCheckCode: header.bugCheckCode + shownAtException, context: exceptionContext };
}
