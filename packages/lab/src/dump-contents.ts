import { pageOf, pageSize, type Va } from '@poolscope/engine/base';
import { type DataBlock, savedBlocks } from './dump/triage.ts';
import type { Machine } from './machine/machine.ts';
import { type DumpOptions, pagesOf, smallDump } from './write-dump.ts';

/** Which memory of a machine a dump of it has. */
export interface DumpContents {
  /** Are all bytes of `[va, va + length)` in the dump? */
  holds(va: Va, length: number): boolean;
}

/** What a dump of the machine would hold, asked of the writers themselves. */
export function dumpContents(machine: Machine, options: DumpOptions): DumpContents {
  if (options.type === 'header') return { holds: () => false };
  return options.type === 'triage' ? blockContents(machine, options) : pageContents(machine, options);
}

const page = BigInt(pageSize);

function pageContents(machine: Machine, options: DumpOptions): DumpContents {
  const saved = new Set<number>();
  const runs = options.type === 'full' ? machine.memory.runs : pagesOf(machine, options);
  for (const { basePage, pageCount } of runs)
    for (let pfn = basePage; pfn < basePage + pageCount; pfn++) saved.add(pfn);
  return {
    holds(va, length) {
      for (let at = pageOf(va); at < va + BigInt(length); at += page) {
        const pfn = machine.space.pfnOf(at);
        if (pfn === undefined || !saved.has(pfn)) return false;
      }
      return true;
    },
  };
}

/**
 * The blocks of a small dump, and its fixed sections: stack, process, thread and debugger data. No field of it tells where the
 * processor's section was in memory.
 */
function blockContents(machine: Machine, options: DumpOptions): DumpContents {
  const dump = smallDump(machine, options);
  const { process, thread, debuggerData } = machine;
  const sections: readonly DataBlock[] = [
    dump.stack,
    { address: process.va, bytes: dump.process },
    { address: thread.va, bytes: dump.thread },
    { address: debuggerData.va, bytes: dump.debuggerData },
  ];
  const ranges = [...savedBlocks(dump), ...sections]
    .map(({ address, bytes }) => ({ start: address, end: address + BigInt(bytes.length) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return {
    holds(va, length) {
      const end = va + BigInt(length);
      let at = va;
      for (const range of ranges) {
        if (range.start > at || at >= end) break;
        if (range.end > at) at = range.end;
      }
      return at >= end;
    },
  };
}
