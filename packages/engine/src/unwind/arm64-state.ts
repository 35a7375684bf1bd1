import { Fault, readU32, readU64, type Va, wrap64 } from '../base/index.ts';
import { contextSize, decodeContext, RegisterSet } from '../cpu/index.ts';
import { KTRAP_FRAME_ARM64 } from '../layouts/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { Arm64Op } from './arm64-codes.ts';

const nameOf = (register: number): string =>
  register === 29 ? 'fp' : register === 30 ? 'lr' : `x${register}`;

const nonVolatile = ['x19', 'x20', 'x21', 'x22', 'x23', 'x24', 'x25', 'x26', 'x27', 'x28', 'fp'] as const;

/** Bits of an address that pointer authentication may use; bit 55 tells which half the address is in. */
const signatureBits = 0xff7f_0000_0000_0000n;

/** An address without its signature: the unused high bits are all as bit 55. */
export const stripSignature = (va: Va): Va =>
  ((va >> 55n) & 1n) === 0n ? va & ~signatureBits : va | signatureBits;

/** Registers while an arm64 frame is undone. Absent: not known. */
export class Arm64State {
  readonly #memory: VirtualMemory;
  readonly #values: Map<string, bigint>;
  /** The step went over a trap, machine or context frame. */
  trap = false;
  trapFrame: Va | undefined;
  #pairs = 0;
  #pcSet = false;

  constructor(memory: VirtualMemory, start: RegisterSet) {
    this.#memory = memory;
    this.#values = new Map(start.entries());
  }

  /** False when the code cannot be undone. */
  undo(op: Arm64Op): boolean {
    if (this.#pairs > 0 && op.kind !== 'save' && op.kind !== 'save-next') return false;
    switch (op.kind) {
      case 'alloc':
        return this.#release(op.bytes);
      case 'save':
        return this.#restore(op);
      case 'save-next':
        this.#pairs++;
        return true;
      case 'set-fp':
        return this.#setFromFramePointer(op.bytes);
      case 'pac':
        return this.#set('lr', this.#unsignedLr());
      case 'trap-frame':
        return this.#restoreTrapFrame();
      case 'machine-frame':
        return this.#restoreMachineFrame();
      case 'context':
        return this.#restoreContext();
      case 'clear-unwound':
        return this.#set('pc', this.#values.get('lr'));
      case 'nop':
      case 'end':
      case 'end-chained':
        return true;
    }
  }

  /** Registers of the caller or the interrupted code; undefined when its pc or sp is not known. */
  finish(): RegisterSet | undefined {
    if (!this.#pcSet) this.#set('pc', this.#values.get('lr'));
    if (!this.#values.has('pc') || !this.#values.has('sp')) return undefined;
    if (this.trap) return new RegisterSet('arm64', this.#values);
    const kept = [...nonVolatile, 'sp', 'pc'] as const;
    return new RegisterSet(
      'arm64',
      kept.flatMap((name) => (this.#values.has(name) ? [[name, this.#values.get(name)!]] : [])),
    );
  }

  #set(name: string, value: bigint | undefined): boolean {
    if (value === undefined) this.#values.delete(name);
    else this.#values.set(name, value);
    if (name === 'pc') this.#pcSet = true;
    return true;
  }

  #unsignedLr(): bigint | undefined {
    const lr = this.#values.get('lr');
    return lr === undefined ? undefined : stripSignature(lr);
  }

  #release(bytes: number): boolean {
    const sp = this.#values.get('sp');
    return this.#set('sp', sp === undefined ? undefined : wrap64(sp + BigInt(bytes)));
  }

  #setFromFramePointer(bytes: number): boolean {
    const fp = this.#values.get('fp');
    return this.#set('sp', fp === undefined ? undefined : wrap64(fp - BigInt(bytes)));
  }

  #read(at: Va | undefined, offset: number): bigint | undefined {
    const value = at === undefined ? undefined : this.#memory.tryReadU64(wrap64(at + BigInt(offset)));
    return value instanceof Fault ? undefined : value;
  }

  /** Vector registers are not kept. Each save-next before it adds the next two registers, stored behind. */
  #restore({ bank, registers, offset, release }: Extract<Arm64Op, { kind: 'save' }>): boolean {
    const all = [...registers];
    for (; this.#pairs > 0; this.#pairs--) all.push(all.at(-1)! + 1, all.at(-1)! + 2);
    if (all.some((register) => register > (bank === 'x' ? 30 : 31))) return false;
    const sp = this.#values.get('sp');
    if (bank === 'x') {
      for (const [index, register] of all.entries())
        this.#set(nameOf(register), this.#read(sp, offset + index * 8));
    }
    return this.#release(release);
  }

  #restoreMachineFrame(): boolean {
    const at = this.#values.get('sp');
    this.trap = true;
    this.#forgetVolatile();
    this.#set('sp', this.#read(at, 0));
    return this.#set('pc', this.#read(at, 8));
  }

  #restoreTrapFrame(): boolean {
    const at = this.#values.get('sp');
    const bytes = at === undefined ? undefined : this.#memory.tryRead(at, KTRAP_FRAME_ARM64.size);
    if (bytes === undefined || bytes instanceof Fault) return false;
    const { X, Lr, Fp, Sp, Pc, Spsr } = KTRAP_FRAME_ARM64.fields;
    for (let index = 0; index < X.count; index++)
      this.#set(`x${index}`, readU64(bytes, X.offset + index * 8));
    for (const [name, { offset }] of Object.entries({ lr: Lr, fp: Fp, sp: Sp, pc: Pc })) {
      this.#set(name, readU64(bytes, offset));
    }
    this.trap = true;
    this.trapFrame = at;
    return this.#set('cpsr', BigInt(readU32(bytes, Spsr.offset)));
  }

  #restoreContext(): boolean {
    const at = this.#values.get('sp');
    const bytes = at === undefined ? undefined : this.#memory.tryRead(at, contextSize('arm64'));
    const context = bytes === undefined || bytes instanceof Fault ? undefined : decodeContext('arm64', bytes);
    if (context === undefined) return false;
    for (const [name, value] of context.entries()) this.#set(name, value);
    this.trap = true;
    return true;
  }

  #forgetVolatile(): void {
    for (const name of this.#values.keys()) {
      if (!(nonVolatile as readonly string[]).includes(name)) this.#values.delete(name);
    }
  }
}
