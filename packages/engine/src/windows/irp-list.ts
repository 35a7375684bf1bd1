import type { Va } from '../base/index.ts';
import { type ListEnd, walkList } from '../types/index.ts';
import type { Kernel } from './kernel.ts';

/** Most IRPs of a thread that are listed. */
const maxIrps = 0x400;

/** An IRP in the list of the thread that asked for it. */
export interface ListedIrp {
  readonly address: Va;
  readonly type: number | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  readonly flags: number | undefined;
  readonly mdl: Va | undefined;
}

/** Undefined where the place of the list, or of its links, is not known. */
export function readIrpList(
  { structures, target }: Kernel,
  thread: Va,
): { readonly irps: readonly ListedIrp[]; readonly end: ListEnd } | undefined {
  const head = structures.offset('_ETHREAD', 'IrpList');
  const linkOffset = structures.offset('_IRP', 'ThreadListEntry');
  if (head === undefined || linkOffset === undefined) return undefined;
  const { pointerSize, memory } = target;
  const irps: ListedIrp[] = [];
  const walk = walkList(memory, thread + BigInt(head), { pointerSize, linkOffset, limit: maxIrps });
  for (let next = walk.next(); ; next = walk.next()) {
    if (next.done === true) return { irps, end: next.value };
    const irp = structures.at('_IRP', next.value.at);
    irps.push({
      address: next.value.at,
      type: irp.number('Type'),
      size: irp.number('Size'),
      flags: irp.number('Flags'),
      mdl: irp.pointer('MdlAddress'),
    });
  }
}
