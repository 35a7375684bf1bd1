import { Fault, readU16, wrap64 } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { bitmapBytes, type LfhHeader } from './lfh-header.ts';

const stateBytes = 2;
/** _HEAP_SEGMENT_MGR_COMMIT_STATE.CommittedPageCount; the bits above tell of large pages. */
const countMask = 0x7ff;

/**
 * Committed pages of each unit of an LFH subsegment. Undefined where they are not in the dump, or where the place that the
 * header gives cannot be theirs: before the end of the bitmap.
 */
export function readCommitStates({ target }: ObjectKernel, header: LfhHeader): number[] | undefined {
  if (header.commitOffset < header.bitmapOffset + bitmapBytes(header)) return undefined;
  const at = wrap64(header.address + BigInt(header.commitOffset));
  const bytes = target.memory.tryRead(at, header.commitUnits * stateBytes);
  if (bytes instanceof Fault) return undefined;
  return Array.from(
    { length: header.commitUnits },
    (_, unit) => readU16(bytes, unit * stateBytes) & countMask,
  );
}
