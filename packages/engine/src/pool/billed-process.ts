import { Fault, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import type { PoolFormat } from './format.ts';
import type { BilledProcess, PoolBlock } from './page.ts';
import { hasBytes, type PageBytes } from './page-bytes.ts';

/** Windows 8: the process of a block is stored encoded. Source: public research on quota; real pages of 9600. */
const firstEncoded = 9200;

/** Where a value for decoding comes from. */
interface Cookie {
  readonly value: bigint;
  readonly from: string;
}

/**
 * Finds the processes that pay for the blocks of a page. From Windows 8 on they are stored exclusive-or'ed with the address
 * of the header and a value of the kernel; blocks that nobody pays for hold the same of 0 and so give it away.
 */
export function billedProcesses(
  kernel: ObjectKernel,
  page: PageBytes,
  format: PoolFormat,
  blocks: readonly PoolBlock[],
): PoolBlock[] {
  if (!blocks.some(({ quota, state }) => quota && state !== 'free')) return [...blocks];
  const decode = decoder(kernel, page, format, blocks);
  return blocks.map((block) =>
    block.quota && block.state !== 'free' ? { ...block, billed: decode(block) } : block,
  );
}

type Decoder = (block: PoolBlock) => BilledProcess | undefined;

function decoder(
  kernel: ObjectKernel,
  page: PageBytes,
  format: PoolFormat,
  blocks: readonly PoolBlock[],
): Decoder {
  if (format.unit === 8)
    return (block) => plausible(lastPointer(kernel, block), 'the last pointer of the block', format);
  const { build } = kernel.target.dump.header;
  if (build < firstEncoded) return (block) => plausible(storedIn(page, block), 'its header', format);
  const cookie = cookieBySymbol(kernel) ?? cookieByBlocks(page, blocks);
  if (cookie === undefined) return () => undefined;
  return (block) => {
    const stored = storedIn(page, block);
    return stored === undefined
      ? undefined
      : plausible(stored ^ block.address ^ cookie.value, `its header, decoded with ${cookie.from}`, format);
  };
}

function plausible(process: Va | undefined, from: string, { unit }: PoolFormat): BilledProcess | undefined {
  const lowest = unit === 16 ? 0xffff_8000_0000_0000n : 0xffff_ffff_8000_0000n;
  return process === undefined || process < lowest || process % BigInt(unit) !== 0n
    ? undefined
    : { process, from };
}

function storedIn(page: PageBytes, { address }: PoolBlock): bigint | undefined {
  const at = Number(address - page.address) + 8;
  return hasBytes(page, at, 8) ? readU64(page.bytes, at) : undefined;
}

function lastPointer({ target }: ObjectKernel, { address, size }: PoolBlock): Va | undefined {
  const value = target.memory.tryReadU32(wrap64(address + BigInt(size - 4)));
  return value instanceof Fault ? undefined : signExtend32(value);
}

function cookieBySymbol({ symbols, target }: ObjectKernel): Cookie | undefined {
  const at = symbols.findAddress('nt!ExpPoolQuotaCookie');
  const value = at === undefined ? undefined : target.readPointer(at);
  return value === undefined ? undefined : { value, from: 'nt!ExpPoolQuotaCookie' };
}

/** What most blocks without a process agree on. */
function cookieByBlocks(page: PageBytes, blocks: readonly PoolBlock[]): Cookie | undefined {
  const counts = new Map<bigint, number>();
  for (const block of blocks) {
    const stored = block.quota ? undefined : storedIn(page, block);
    if (stored === undefined) continue;
    const value = stored ^ block.address;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < 3) return undefined;
  return { value: best[0], from: `a value that ${best[1]} blocks of this page agree on` };
}
