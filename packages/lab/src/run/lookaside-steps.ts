import { callTo, move, moveFrom } from '../image/x64-code.ts';
import { increment } from '../image/x64-data.ts';
import { at } from '../image/x64-operands.ts';
import { lookaside } from './kernel/lookaside-calls.ts';
import type { Routine, Value, Variable } from './routine.ts';

/** Bytes of an NPAGED_LOOKASIDE_LIST among a driver's globals. */
export const lookasideBytes: number = lookaside.size;

/** ExAllocateFromNPagedLookasideList, which the headers of the driver kit put into the driver: a spare block, or a new one. */
export function allocateFromLookaside(routine: Routine, list: Value): Variable {
  const entry = routine.variable(0);
  const head = routine.variable(list);
  routine.emit(increment(at(head.register, lookaside.totalAllocates), 4));
  routine.call('nt!ExpInterlockedPopEntrySList', head);
  routine.emit(move(entry.register, 'rax'));
  routine.when(entry, 'e', 0, () => {
    routine.emit(
      increment(at(head.register, lookaside.allocateMisses), 4),
      moveFrom('rcx', at(head.register, lookaside.type), 4),
      moveFrom('rdx', at(head.register, lookaside.bytes), 4),
      moveFrom('r8', at(head.register, lookaside.tag), 4),
      callTo(at(head.register, lookaside.allocate)),
      move(entry.register, 'rax'),
    );
  });
  return entry;
}

/** ExFreeToNPagedLookasideList: the block is kept where the list has not enough of them, and freed otherwise. */
export function freeToLookaside(routine: Routine, list: Value, entry: Variable): void {
  const head = routine.variable(list);
  routine.emit(increment(at(head.register, lookaside.totalFrees), 4));
  const kept = routine.load(head, 0, 2);
  const most = routine.load(head, lookaside.depth, 2);
  const isFull = routine.variable(0);
  routine.when(kept, 'ae', most, () => routine.set(isFull, 1));
  routine.when(isFull, 'e', 0, () => routine.call('nt!ExpInterlockedPushEntrySList', head, entry));
  routine.when(isFull, 'ne', 0, () =>
    routine.emit(
      increment(at(head.register, lookaside.freeMisses), 4),
      move('rcx', entry.register),
      callTo(at(head.register, lookaside.free)),
    ),
  );
}
