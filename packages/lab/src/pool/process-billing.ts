import { type Va, wrap64 } from '@poolscope/engine/base';
import type { BlockHeaders } from './block-header.ts';
import type { PoolGeneration } from './generation.ts';
import { type KernelAddress, toKernelAddress } from './kernel-address.ts';
import { PoolBugCheck } from './pool-fault.ts';
import { type PoolMemory, pointerValue } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';
import { plainTag } from './pool-type.ts';

/** DISPATCHER_HEADER.Type of a process. */
const processObject = 3;

/**
 * The process that pays for a block. x64: ProcessBilled of the header, from Windows 8 on exclusive-or'ed with a cookie and the
 * header's address, also where nobody pays. x86: the last pointer of the block.
 */
export class ProcessBilling {
  readonly #memory: PoolMemory;
  readonly #headers: BlockHeaders;
  readonly #trace: PoolTrace;
  readonly #generation: PoolGeneration;
  readonly #cookieLow: number;
  readonly #cookieHigh: number;

  constructor(
    memory: PoolMemory,
    headers: BlockHeaders,
    trace: PoolTrace,
    { generation, cookie }: { generation: PoolGeneration; cookie: bigint },
  ) {
    this.#memory = memory;
    this.#headers = headers;
    this.#trace = trace;
    this.#generation = generation;
    this.#cookieLow = Number(cookie & 0xffff_ffffn);
    this.#cookieHigh = Number((cookie >> 32n) & 0xffff_ffffn);
  }

  /** Bytes that a charged block has beside those asked for. */
  get extraBytes(): number {
    return this.#generation.architecture === 'x86' ? this.#generation.pointerSize : 0;
  }

  /** What a block holds that nobody pays for; before Windows 8 the field is left as it was. */
  clear(header: KernelAddress): void {
    if (!this.#generation.encodesProcess) return;
    this.#memory.writeU32(header + 8, this.#cookieLow ^ (header | 0));
    this.#memory.writeU32(header + 12, this.#cookieHigh ^ Math.floor(header / 0x1_0000_0000));
  }

  charge(header: KernelAddress, process: Va): void {
    if (this.#generation.pointerSize === 4)
      this.#memory.writePointer(this.#lastPointer(header), toKernelAddress(process));
    else this.#memory.writeU64(header + 8, this.#encode(header, process));
  }

  /** The process of a charged block as the field says it, which may be anything. */
  read(header: KernelAddress): Va {
    return this.#generation.pointerSize === 4
      ? pointerValue(this.#memory, this.#lastPointer(header))
      : this.#encode(header, this.#memory.readU64(header + 8));
  }

  /** Before the charge is given back: from Windows 8 on a pointer to no process stops the machine, before it is followed. */
  check(header: KernelAddress, body: KernelAddress): void {
    const memory = this.#memory;
    const va = this.read(header);
    if (va === 0n) return;
    const process = memory.pointer(va);
    this.#trace.process = process;
    this.#trace.at('read-process', process);
    if (this.#generation.checksProcess && (process >= 0 || process < -(2 ** 47)))
      throw this.#bad(header, body, va);
    const type = memory.readU8(process) & 0x7f;
    if (this.#generation.checksProcess && type !== processObject) throw this.#bad(header, body, va);
  }

  #bad(header: KernelAddress, body: KernelAddress, process: Va): PoolBugCheck {
    const tag = BigInt(plainTag(this.#headers.tag(header)));
    return new PoolBugCheck(0xc2, [0xdn, this.#memory.exact(body), tag, process]);
  }

  #encode(header: KernelAddress, value: bigint): bigint {
    if (!this.#generation.encodesProcess) return value;
    const cookie = (BigInt(this.#cookieHigh) << 32n) | BigInt(this.#cookieLow);
    return wrap64(value ^ cookie ^ this.#memory.exact(header));
  }

  #lastPointer(header: KernelAddress): KernelAddress {
    return header + this.#headers.size(header) * this.#generation.unit - this.#generation.pointerSize;
  }
}
