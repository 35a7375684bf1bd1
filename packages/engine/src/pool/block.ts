import type { Va } from '../base/index.ts';
import { decodeType } from './block-type.ts';
import type { TypeEncoding } from './format.ts';
import { type PoolHeader, protectedTag, tagText } from './header.ts';
import type { PoolBlock } from './page.ts';

/** The block behind a header, without the process that pays for it. `usesInUseBit`: see `decodeType`. */
export function blockOf(
  { size, previousSize, index, type, tag }: PoolHeader,
  address: Va,
  encoding: TypeEncoding,
  usesInUseBit: boolean,
): PoolBlock {
  const { state, paged, session, quota } = decodeType(type, encoding, usesInUseBit);
  return {
    address,
    size,
    previousSize,
    index,
    type,
    state,
    paged,
    session,
    quota,
    billed: undefined,
    tag: tagText(tag),
    tagValue: tag,
    isProtected: tag >= protectedTag,
  };
}
