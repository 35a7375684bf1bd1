import { Fault, type Va, wrap64 } from '../../base/index.ts';
import { type ObjectKernel, processLinkOffset, walkProcesses } from '../../windows/index.ts';
import type { BilledProcess } from '../page.ts';
import type { HeapBlock, HeapProblem } from './heap-block.ts';
import { decodeHeapType } from './heap-header.ts';

/** Who pays for blocks, by the addresses of their headers; and what stands for a process and is none. */
export interface HeapBilling {
  readonly billed: ReadonlyMap<Va, BilledProcess>;
  readonly problems: readonly HeapProblem[];
}

/** What ProcessBilled is decoded with, besides the address of its header. */
export interface QuotaCookie {
  readonly value: bigint;
  /** As half a sentence. */
  readonly from: string;
}

const billedAt = 8n;
const lowestKernelAddress = 0xffff_8000_0000_0000n;
/** DISPATCHER_HEADER.Type of a process, without its highest bit. */
const processType = 3;

/**
 * The processes that pay for blocks of the segment heap. Only blocks with the quota bit have one: in others the field is left
 * as it was. Source: public research; pages of a real 19041, where all such blocks of one driver decode to one value.
 */
export function billedHeapProcesses(
  kernel: ObjectKernel,
  blocks: readonly HeapBlock[],
  cookie: QuotaCookie | undefined,
): HeapBilling {
  const billed = new Map<Va, BilledProcess>();
  const problems: HeapProblem[] = [];
  if (kernel.target.pointerSize !== 8) return { billed, problems };
  for (const block of blocks) {
    const constant = billedConstant(kernel, block);
    if (constant === undefined || cookie === undefined) continue;
    const process = constant ^ cookie.value;
    if (isProcess(kernel, process))
      billed.set(block.address, { process, from: `its header, decoded with ${cookie.from}` });
    else problems.push({ rule: 'header-quota', at: wrap64(block.address + billedAt), found: process });
  }
  return { billed, problems };
}

/** What is stored for a block in use that a process pays for, less the address: the process and the cookie, exclusive-or'ed. */
export function billedConstant(
  { target }: ObjectKernel,
  { address, header, state }: Pick<HeapBlock, 'address' | 'header' | 'state'>,
): bigint | undefined {
  if (state !== 'allocated' || header === undefined) return undefined;
  const { isValid, quota } = decodeHeapType(header.type);
  if (!isValid || !quota) return undefined;
  const stored = target.memory.tryReadU64(wrap64(address + billedAt));
  return stored instanceof Fault ? undefined : stored ^ address;
}

/** As far as the dump tells: what is not in it can be one. */
function isProcess({ target }: ObjectKernel, process: Va): boolean {
  if (process < lowestKernelAddress || process % 16n !== 0n) return false;
  const read = target.memory.tryRead(process, 1);
  return read instanceof Fault ? read.kind !== 'not-present' : (read[0]! & 0x7f) === processType;
}

/** nt!ExpPoolQuotaCookie; undefined: no symbol names it, or it is not in the dump. */
export function quotaCookieBySymbol({ symbols, target }: ObjectKernel): QuotaCookie | undefined {
  const at = symbols.findAddress('nt!ExpPoolQuotaCookie');
  const value = at === undefined ? undefined : target.readPointer(at);
  return value === undefined ? undefined : { value, from: 'nt!ExpPoolQuotaCookie' };
}

/** With two, either process could stand for either value. */
const fewestConstants = 3;

/**
 * The cookie out of blocks that are paid for by different processes: the one value with which each of them decodes to a
 * process of the list. Undefined where fewer than three different ones are known, or more than one value does it.
 */
export function quotaCookieByProcesses(
  constants: Iterable<bigint>,
  processes: ReadonlySet<Va>,
): QuotaCookie | undefined {
  const [first, ...others] = new Set(constants);
  if (first === undefined || others.length + 1 < fewestConstants) return undefined;
  const found: bigint[] = [];
  for (const process of processes) {
    const cookie = first ^ process;
    if (others.every((constant) => processes.has(constant ^ cookie))) found.push(cookie);
  }
  const [value] = found;
  if (value === undefined || found.length > 1) return undefined;
  const count = others.length + 1;
  return {
    value,
    from: `the one value with which the blocks of ${count} processes lead to processes of this dump`,
  };
}

/** Processes of this dump, for the above; none where they cannot be listed. */
export const knownProcesses = (kernel: ObjectKernel): Set<Va> =>
  processLinkOffset(kernel) === undefined ? new Set() : new Set(walkProcesses(kernel));
