import type { Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import { crashTimes } from '../machine/story.ts';
import { PlantedStructure } from '../machine/structure-table.ts';
import type { VerifierSite } from './verified-drivers.ts';

/** Entries that the log has room for. Source: Microsoft's page on !verifier. */
export const irqlLogLength = 0x100;
/** VI_TRACK_IRQL.StackTrace */
const stackFrames = 5;
const tick = 156_250n;

/** A change of the IRQL by a verified driver. */
export interface IrqlChange {
  readonly from: number;
  readonly to: number;
  readonly thread: Va;
  readonly processor: number;
  /** Return addresses, nearest first. */
  readonly stack: readonly Va[];
}

/** The ring in which the verifier notes changes of the IRQL, where it forces its checks of them. */
export class IrqlLog {
  readonly #site: VerifierSite;
  readonly #base: Va;
  readonly #size: number;
  #count = 0;

  constructor(site: VerifierSite, size: number) {
    const { world, loaded } = site;
    this.#site = site;
    this.#size = size;
    this.#base = world.nonPagedPool.allocate(irqlLogLength * size, 0x1000);
    world.writePointer(loaded.address('nt!ViTrackIrqlQueue'), this.#base);
    world.space.write(loaded.address('nt!ViTrackIrqlQueueLength'), u32Bytes(irqlLogLength));
  }

  /** The index is counted up before the record is written: the first one has number 1. */
  add({ from, to, thread, processor, stack }: IrqlChange): void {
    const { world, loaded, tables } = this.#site;
    this.#count++;
    const at = this.#base + BigInt((this.#count % irqlLogLength) * this.#size);
    world.space.write(at, new Uint8Array(this.#size));
    const record = new PlantedStructure(world.space, tables, '_VI_TRACK_IRQL', at).set({
      Thread: thread,
      OldIrql: from,
      NewIrql: to,
      Processor: processor,
      TickCount: BigInt.asUintN(32, crashTimes.upTime / tick),
    });
    for (const [frame, va] of stack.slice(0, stackFrames).entries())
      record.setElement('StackTrace', frame, va);
    world.space.write(loaded.address('nt!ViTrackIrqlIndex'), u32Bytes(this.#count >>> 0));
  }
}
