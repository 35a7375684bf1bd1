import type { Va } from '../../base/index.ts';
import type { HeapBlock } from '../../pool/index.ts';

const headerBytes = 0x10n;

/** What the heap has there in a free block; undefined: nothing of its own. */
export function linkAt({ state, chunk, address, data }: HeapBlock, cell: Va): string | undefined {
  if (state === 'cached') {
    const word = cell & ~7n;
    const isHere = [data, address + headerBytes, chunk?.address].includes(word);
    return isHere ? 'the link of the list that it is on' : undefined;
  }
  if (chunk === undefined) return undefined;
  const offset = cell - chunk.address;
  return offset >= 8n && offset < 0x20n ? 'a node of its tree of free chunks' : undefined;
}
