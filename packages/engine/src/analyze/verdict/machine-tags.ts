import { runToEnd } from '../../memory/index.ts';
import { reportPoolUse } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { remembered } from './remember.ts';

/** Set in the tag of a block that only a free with its tag may free. */
const protectedBit = 0x8000_0000;

/** Tags of blocks that are in use by the kernel's own account, as stored in headers; none where the account is not in the dump. */
export const machineTags: (system: CrashedSystem) => readonly number[] = remembered((system: CrashedSystem) =>
  runToEnd(reportPoolUse(system))
    .tags.filter(({ nonPaged, paged }) => nonPaged.outstanding > 0n || paged.outstanding > 0n)
    .flatMap(({ tagValue }) => [tagValue, (tagValue | protectedBit) >>> 0]),
);
