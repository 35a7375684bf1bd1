import { fastFail, moveImmediate } from '../image/x64-code.ts';
import type { ImageAddress, Routine, Variable } from '../run/index.ts';

/** LIST_ENTRY of x64. */
const flink = 0;
const blink = 8;
const corruptListEntry = 3;

export function initializeList(routine: Routine, head: ImageAddress): void {
  routine.store(head, flink, head);
  routine.store(head, blink, head);
}

/** InsertTailList, as the compiler inlines it. */
export function insertTail(routine: Routine, head: ImageAddress, entry: Variable): void {
  const last = routine.load(head, blink);
  routine.store(entry, flink, head);
  routine.store(entry, blink, last);
  routine.store(last, flink, entry);
  routine.store(head, blink, entry);
}

/** RemoveEntryList with the check that drivers have since they are compiled for Windows 8. Takes two variables. */
export function removeEntry(routine: Routine, entry: Variable): void {
  const place = routine.load(entry, flink);
  const found = routine.load(place, blink);
  const failIfOther = (): void =>
    routine.when(found, 'ne', entry, () => routine.emit(moveImmediate('rcx', corruptListEntry), fastFail()));
  failIfOther();
  routine.reload(place, entry, blink);
  routine.reload(found, place, flink);
  failIfOther();
  routine.reload(found, entry, flink);
  routine.store(place, flink, found);
  routine.store(found, blink, place);
}
