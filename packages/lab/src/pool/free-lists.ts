import type { PoolGeneration } from './generation.ts';
import type { KernelAddress } from './kernel-address.ts';
import { PoolBugCheck } from './pool-fault.ts';
import { type PoolMemory, pointerValue } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';

/** Rings of LIST_ENTRYs with safe unlinking, as Windows has it from 7 on. Entries are bodies of free blocks. */
export class FreeLists {
  readonly #memory: PoolMemory;
  readonly #trace: PoolTrace;
  readonly #pointer: number;
  readonly #checksInsertion: boolean;
  readonly #corruptList: 0x19 | 0x139;

  constructor(memory: PoolMemory, trace: PoolTrace, generation: PoolGeneration) {
    this.#memory = memory;
    this.#trace = trace;
    this.#pointer = generation.pointerSize;
    this.#checksInsertion = generation.checksInsertion;
    this.#corruptList = generation.corruptList;
  }

  /** An empty list. */
  initialize(head: KernelAddress): void {
    this.#memory.writePointer(head, head);
    this.#memory.writePointer(head + this.#pointer, head);
  }

  /** The first entry, the head itself where there is none. */
  first(head: KernelAddress): KernelAddress {
    this.#trace.head = head;
    this.#trace.at('read-list-head', head);
    return this.#memory.readPointer(head);
  }

  /** Takes an entry out after its neighbours were asked whether they know it. */
  remove(entry: KernelAddress): void {
    const { memory, trace, pointer } = this.#parts();
    trace.entry = entry;
    trace.at('read-entry-flink', entry);
    const flink = memory.readPointer(entry);
    trace.flink = flink;
    trace.at('unlink-blink', flink, pointer);
    const back = memory.readPointer(flink + pointer);
    trace.at('read-entry-blink', entry, pointer);
    const blink = memory.readPointer(entry + pointer);
    trace.blink = blink;
    trace.at('unlink-flink', blink);
    const forward = memory.readPointer(blink);
    if (back !== entry || forward !== entry) throw this.#corrupt(entry, blink, flink + pointer);
    memory.writePointer(blink, flink);
    memory.writePointer(flink + pointer, blink);
  }

  /** A block that was freed is the next one to be given out. */
  insertFront(head: KernelAddress, entry: KernelAddress): void {
    const { memory, trace, pointer } = this.#parts();
    const first = this.first(head);
    trace.flink = first;
    trace.at('insert-head', first, pointer);
    if (memory.readPointer(first + pointer) !== head && this.#checksInsertion)
      throw this.#corrupt(head, head, first + pointer);
    memory.writePointer(entry, first);
    memory.writePointer(entry + pointer, head);
    memory.writePointer(first + pointer, entry);
    memory.writePointer(head, entry);
  }

  /** What is left of a split block waits longest. */
  insertBack(head: KernelAddress, entry: KernelAddress): void {
    const { memory, trace, pointer } = this.#parts();
    trace.head = head;
    trace.at('read-list-head', head, pointer);
    const last = memory.readPointer(head + pointer);
    trace.blink = last;
    trace.at('insert-head', last);
    if (memory.readPointer(last) !== head && this.#checksInsertion)
      throw this.#corrupt(head, last, head + pointer);
    memory.writePointer(entry, head);
    memory.writePointer(entry + pointer, last);
    memory.writePointer(last, entry);
    memory.writePointer(head + pointer, entry);
  }

  /**
   * BAD_POOL_HEADER/3 with the entry and what its neighbours' links say, which should all be the same; from Windows 8 on
   * the fast fail for list entries, whose other parameters the exception gives.
   */
  #corrupt(entry: KernelAddress, forwardAt: KernelAddress, backAt: KernelAddress): PoolBugCheck {
    const memory = this.#memory;
    const values = this.#trace.values(memory);
    if (this.#corruptList === 0x139) return new PoolBugCheck(0x139, [3n, 0n, 0n, 0n], values);
    const [forward, back] = [pointerValue(memory, forwardAt), pointerValue(memory, backAt)];
    return new PoolBugCheck(0x19, [3n, memory.exact(entry), forward, back], values);
  }

  #parts(): { memory: PoolMemory; trace: PoolTrace; pointer: number } {
    return { memory: this.#memory, trace: this.#trace, pointer: this.#pointer };
  }
}
