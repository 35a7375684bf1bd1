import {
  buildMachine,
  type DumpKind,
  dumpBytes,
  type Machine,
  type MachineOptions,
  plantVerifier,
  playScenario,
  scenarios,
} from '@poolscope/lab';
import { plantBrokenLists } from './broken-lists.ts';
import { brokenHeap, heapMachine, loneHeapPages, playedHeap } from './heap-machine.ts';
import type { TestFiles } from './memory-host.ts';
import { plantClassicPool } from './pool-pages.ts';
import { plantTaggedCode } from './tagged-code.ts';

/** The dumps that transcripts are made on: made-up machines, the same on every run. */
export const dumps = {
  'x64-kernel': [{}, 'bitmap-kernel'],
  'x64-full': [{}, 'full'],
  'x64-page-fault': [{ crash: 'page-fault' }, 'bitmap-kernel'],
  'x64-system-thread': [{ crash: 'system-thread' }, 'bitmap-kernel'],
  'x64-pool-free': [{ crash: 'pool-free' }, 'full'],
  'x64-tagged': [{ prepare: plantTaggedCode }, 'bitmap-kernel'],
  'x64-verifier': [{ prepare: plantVerifier }, 'bitmap-kernel'],
  'x64-small': [{}, 'triage'],
  'x64-header': [{}, 'header'],
  'x86-full': [{ architecture: 'x86' }, 'full'],
  'x86-verifier': [{ architecture: 'x86', prepare: plantVerifier }, 'full'],
  'arm64-small': [{ architecture: 'arm64' }, 'triage'],
  'arm64-full': [{ architecture: 'arm64' }, 'full'],
  // Pages that were made by hand, in pool that is real otherwise.
  'x64-classic': [{ build: 9200, prepare: plantClassicPool }, 'full'],
  'x86-classic': [{ architecture: 'x86', build: 7601, prepare: plantClassicPool }, 'full'],
  'x64-7601': [{ build: 7601 }, 'full'],
  'x86-7601': [{ architecture: 'x86', build: 7601 }, 'full'],
  'x64-17763': [{ build: 17_763 }, 'full'],
  'x64-broken-lists': [{ build: 7601, prepare: plantBrokenLists }, 'bitmap-kernel'],
  // Pool on the segment heap: whole, and damaged by stories of the lab.
  'x64-heap': [() => heapMachine(), 'bitmap-kernel'],
  'x64-heap-broken': [brokenHeap, 'bitmap-kernel'],
  'x64-heap-slot': [() => playedHeap('slot-overrun'), 'bitmap-kernel'],
  'x64-heap-chunk': [() => playedHeap('chunk-overrun'), 'bitmap-kernel'],
  'x64-heap-flip': [() => playedHeap('bit-flip-chunk'), 'bitmap-kernel'],
  'x64-heap-small': [() => playedHeap('bit-flip-chunk'), 'triage'],
  'x64-heap-lone': [loneHeapPages, 'triage'],
  'x64-9200-small': [{ build: 9200, crash: 'pool-free' }, 'triage'],
  'article-1': [() => played('article-1'), 'bitmap-kernel'],
  'article-2': [() => played('article-2'), 'bitmap-kernel'],
  'article-3': [() => played('article-3'), 'bitmap-kernel'],
  // The same with symbols of the driver too.
  'article-3-driver': [() => played('article-3'), 'bitmap-kernel'],
  'article-3-plain': [() => played('article-3-plain'), 'bitmap-kernel'],
} as const satisfies Readonly<Record<string, DumpPlan>>;

const played = (name: string): Machine => playScenario(scenarios.find((each) => each.name === name)!);

type DumpPlan = readonly [MachineOptions | (() => Machine), DumpKind];

export type DumpName = keyof typeof dumps;

/** Those that were asked for last: each takes some megabytes. */
const machines = new Map<DumpName, Machine>();
const mostMachines = 6;

export function machineOf(name: DumpName): Machine {
  const known = machines.get(name);
  if (known !== undefined) return known;
  const [plan]: DumpPlan = dumps[name];
  const machine = typeof plan === 'function' ? plan() : buildMachine(plan);
  if (machines.size >= mostMachines) machines.delete(machines.keys().next().value!);
  machines.set(name, machine);
  return machine;
}

const written = new Map<DumpName, Uint8Array>();

/** The bytes of a dump, to be read only: several consoles open the same. */
export function dumpNamed(name: DumpName): Uint8Array {
  const [, type]: DumpPlan = dumps[name];
  const bytes = written.get(name) ?? dumpBytes(machineOf(name), { type });
  written.set(name, bytes);
  return bytes;
}

/** Commands of one subject and the dumps they run on, in one console for each dump. */
export interface Area {
  /** Part of the names of the golden files: `golden/NAME-DUMP.txt`. */
  readonly name: string;
  readonly runs: Readonly<Partial<Record<DumpName, readonly string[]>>>;
  /** Are there symbols of the kernel? Those of ./symbol-source.ts; `folder`: only where the console sets the path to them. */
  readonly symbols?: boolean | 'folder';
  /** Files that its commands name. */
  readonly files?: TestFiles;
}
