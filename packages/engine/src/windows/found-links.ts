import { Fault, type Va } from '../base/index.ts';
import { type LayoutFact, walkList } from '../types/index.ts';
import { dispatcherTypes, readDispatcherType } from './dispatcher-object.ts';
import type { Kernel } from './kernel.ts';
import { runningProcesses } from './running.ts';

/** What is looked at of a list before its links are believed. */
const sample = 64;
/** Bytes of a process or thread where the dump does not tell its size. */
const usualSize = 0x1000;
/** Links that are followed from each place that looks like the head of a list. */
const maxLinks = 0x400;

/**
 * Where processes are linked, in builds whose layout is not known: the list of all processes passes through one that the
 * dump names, and its link there tells the place. It is believed if what it makes of the other links are processes too.
 */
export function findProcessLinks(kernel: Kernel): LayoutFact[] {
  const { target, data, structures } = kernel;
  const head = data?.value.address('PsActiveProcessHead') ?? target.dump.header.psActiveProcessHead;
  if (head === undefined) return [];
  const size = BigInt(data?.value.offset('SizeEProcess') ?? structures.find('_EPROCESS')?.size ?? usualSize);
  for (const process of runningProcesses(kernel)) {
    const offset = linkInside(kernel, head, process, size);
    if (offset === undefined) continue;
    return isListOf(kernel, head, offset, dispatcherTypes.process)
      ? processFacts(offset, target.pointerSize)
      : [];
  }
  return [];
}

/** The process ID is in front of the links in every build from Windows XP to 11. Source: PDB types. */
const processFacts = (offset: number, pointerSize: 4 | 8): LayoutFact[] => [
  { structure: '_EPROCESS', member: 'ActiveProcessLinks', value: offset },
  { structure: '_EPROCESS', member: 'UniqueProcessId', value: offset - pointerSize },
];

/** Where a process's threads are linked, by a thread that the dump names. */
export function findThreadLinks(kernel: Kernel): LayoutFact[] {
  const { target, data, thread } = kernel;
  const process = thread?.process;
  if (thread === undefined || process === undefined) return [];
  const { pointerSize } = target;
  const processSize = data?.value.offset('SizeEProcess') ?? usualSize;
  const threadSize = BigInt(data?.value.offset('SizeEThread') ?? usualSize);
  for (let offset = 2 * pointerSize; offset + 2 * pointerSize <= processSize; offset += pointerSize) {
    const head = process + BigInt(offset);
    if (!isListHead(kernel, head)) continue;
    const link = linkInside(kernel, head, thread.address, threadSize);
    if (link === undefined || !isListOf(kernel, head, link, dispatcherTypes.thread)) continue;
    return [
      { structure: '_KPROCESS', member: 'ThreadListHead', value: offset },
      { structure: '_KTHREAD', member: 'ThreadListEntry', value: link },
    ];
  }
  return [];
}

/** Two pointers into the kernel, of which one leads to a link that points back. */
function isListHead({ target }: Kernel, head: Va): boolean {
  const size = BigInt(target.pointerSize);
  const [forward, backward] = [target.readPointer(head), target.readPointer(head + size)];
  if (!isKernelPointer(forward) || !isKernelPointer(backward) || forward === head) return false;
  return target.readPointer(forward + size) === head || target.readPointer(backward) === head;
}

const isKernelPointer = (va: Va | undefined): va is Va => va !== undefined && va >= 1n << 63n;

/** The offset in an object at which a list passes through it; its last link is looked at first. */
function linkInside({ target }: Kernel, head: Va, object: Va, size: bigint): number | undefined {
  const { memory, pointerSize } = target;
  const isInside = (link: Va | undefined): link is Va =>
    link !== undefined && link > object && link < object + size;
  const last = target.readPointer(head + BigInt(pointerSize));
  if (isInside(last) && target.readPointer(last) === head) return Number(last - object);
  for (const { link } of walkList(memory, head, { pointerSize, limit: maxLinks }))
    if (isInside(link)) return Number(link - object);
  return undefined;
}

/** Are the objects that a list links of one dispatcher type, as far as they are in the dump? The first may be missing. */
function isListOf(kernel: Kernel, head: Va, linkOffset: number, type: number): boolean {
  const { memory, pointerSize } = kernel.target;
  let seen = 0;
  for (const { at } of walkList(memory, head, { pointerSize, linkOffset, limit: sample })) {
    const found = readDispatcherType(kernel, at);
    if (found !== undefined && found !== type) return false;
    if (found === type) seen++;
  }
  const last = kernel.target.readPointer(head + BigInt(pointerSize));
  return seen > 0 || (last !== undefined && readDispatcherType(kernel, last - BigInt(linkOffset)) === type);
}

/**
 * Where a thread keeps its IDs: the process's, followed by its own, at one place in all threads of the process. `threads`
 * are some of them.
 */
export function findThreadIds(
  { target, data }: Kernel,
  processId: bigint,
  threads: readonly Va[],
): LayoutFact[] {
  const { pointerSize, memory } = target;
  const size = data?.value.offset('SizeEThread') ?? usualSize;
  let places: readonly number[] | undefined;
  for (const thread of threads.slice(0, sample)) {
    const read = memory.tryRead(thread, size);
    const bytes = read instanceof Fault ? read.got : read;
    const found: number[] = [];
    for (let at = 0; at + 2 * pointerSize <= bytes.length; at += pointerSize) {
      const id = target.pointerIn(bytes, at + pointerSize)!;
      if (target.pointerIn(bytes, at) === processId && id > 0n && id < 1n << 32n && id % 4n === 0n)
        found.push(at);
    }
    if (bytes.length < size && found.length === 0) continue;
    places = places === undefined ? found : places.filter((at) => found.includes(at));
  }
  return places?.length === 1 ? [{ structure: '_ETHREAD', member: 'Cid', value: places[0]! }] : [];
}
