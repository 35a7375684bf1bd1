import { Fault } from '../src/base/index.ts';
import type { Machine } from '../src/cpu/index.ts';
import { loadDisassembler } from '../src/disasm/index.ts';
import { runToEnd } from '../src/memory/index.ts';
import type { ImageReader } from '../src/pe/index.ts';
import { searchTagUsers, type TagUser, tagValue } from '../src/pool/index.ts';

const imageSize = 0x4000;
const machines = { x64: 0x8664, x86: 0x14c, arm64: 0xaa64 } as const;
const bases = {
  x64: 0xffff_f806_1000_0000n,
  x86: 0xffff_ffff_8a40_0000n,
  arm64: 0xffff_f806_1000_0000n,
} as const;

/** RVAs of the sections of such an image: code, constants, variables. */
export const [textAt, constantsAt, variablesAt] = [0x1000, 0x2000, 0x3000];

const imports = [
  'ExAllocatePoolWithTag',
  'ExFreePoolWithTag',
  'ObReferenceObjectByPointerWithTag',
  'NdisAllocateNetBufferListPool',
  'DbgPrint',
  'WdfVersionBind',
  'FltRegisterFilter',
] as const;

/** A small image by hand: code at 0x1000, constants behind its import addresses at 0x2000, variables at 0x3000. */
export class TaggedImage implements ImageReader {
  readonly layout = 'mapped';
  readonly machine: Machine;
  readonly bytes = new Uint8Array(imageSize);
  readonly #view = new DataView(this.bytes.buffer);
  #at = textAt;

  constructor(machine: Machine) {
    this.machine = machine;
    if (machine !== 'arm64') this.bytes.fill(0xcc, textAt, constantsAt);
    this.#writeHeaders();
  }

  get base(): bigint {
    return bases[this.machine];
  }

  /** Where the next code goes. */
  get here(): number {
    return this.#at;
  }

  tryReadRva(rva: number, length: number): Uint8Array | Fault {
    const got = this.bytes.subarray(rva, rva + length);
    return got.length === length ? got : new Fault('not-in-dump', BigInt(rva + got.length), { got });
  }

  u32(rva: number, value: number): void {
    this.#view.setUint32(rva, value, true);
  }

  tag(rva: number, text: string): void {
    this.u32(rva, tagValue(text));
  }

  /** A function begins: behind padding, at the next multiple of 16. */
  begin(): number {
    this.#at = Math.ceil((this.#at + 1) / 16) * 16;
    return this.#at;
  }

  /** Bytes of code; `Leak` in them stands for the four bytes of that tag. */
  code(...parts: readonly (number | string | readonly number[])[]): void {
    for (const part of parts) {
      const bytes = typeof part === 'string' ? bytesOfText(part) : typeof part === 'number' ? [part] : part;
      this.bytes.set(bytes, this.#at);
      this.#at += bytes.length;
    }
  }

  /** Words of arm64. */
  words(...words: readonly number[]): void {
    for (const word of words) {
      this.u32(this.#at, word >>> 0);
      this.#at += 4;
    }
  }

  slot(name: (typeof imports)[number]): number {
    return constantsAt + imports.indexOf(name) * (this.machine === 'x86' ? 4 : 8);
  }

  /** x64: distance to a place, counted from the end of the instruction, whose last four bytes it is. */
  near(rva: number): number[] {
    return this.dword(rva - this.#at - 4);
  }

  /** x86: the address of a place. */
  absolute(rva: number): number[] {
    return this.dword(Number(BigInt.asUintN(32, this.base)) + rva);
  }

  dword(value: number): number[] {
    return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  }

  callSlot(name: (typeof imports)[number]): void {
    this.code([0xff, 0x15]);
    this.code(this.machine === 'x86' ? this.absolute(this.slot(name)) : this.near(this.slot(name)));
  }

  call(rva: number): void {
    this.code(0xe8);
    this.code(this.near(rva));
  }

  /** Names of the functions that it imports. */
  readonly nameOf = (va: bigint): string | undefined => {
    const index = Number(va - kernelOf(this.machine)) / 0x100;
    return imports[index] === undefined ? undefined : `nt!${imports[index]}`;
  };

  /** All users of a tag in this image. */
  async usersOf(tag: string): Promise<readonly TagUser[]> {
    const module = { name: 'drv', base: this.base, size: imageSize };
    const symbols = {
      modules: [{ module, image: this }],
      nameOf: this.nameOf,
    };
    const code = { symbols, disassembler: await loadDisassembler(this.machine) };
    return runToEnd(searchTagUsers(code as never, tagValue(tag))).users;
  }

  /** What is told of a tag, in short. */
  async told(tag: string): Promise<string[]> {
    return (await this.usersOf(tag)).map(({ trust, use, kept, through, call }) =>
      [trust, use, kept, ...through.map(({ target }) => `+${(target - this.base).toString(16)}`), call?.name]
        .filter((part) => part !== undefined)
        .join(' '),
    );
  }

  #writeHeaders(): void {
    const wide = this.machine !== 'x86';
    const optional = 0x98;
    const directories = optional + (wide ? 112 : 96);
    const [u16, u32] = [
      (at: number, value: number) => this.#view.setUint16(at, value, true),
      (at: number, value: number) => this.u32(at, value),
    ];
    u16(0, 0x5a4d);
    u32(0x3c, 0x80);
    u32(0x80, 0x4550);
    u16(0x84, machines[this.machine]);
    u16(0x86, 3);
    u16(0x94, directories + 16 * 8 - optional);
    u16(optional, wide ? 0x20b : 0x10b);
    if (wide) this.#view.setBigUint64(optional + 24, this.base, true);
    else u32(optional + 28, Number(BigInt.asUintN(32, this.base)));
    u32(optional + 56, imageSize);
    u32(optional + 60, 0x400);
    u32(directories - 4, 16);
    u32(directories + 12 * 8, constantsAt);
    u32(directories + 12 * 8 + 4, imports.length * (wide ? 8 : 4));
    const sections = [
      ['.text', textAt, 0x6000_0020],
      ['.rdata', constantsAt, 0x4000_0040],
      ['.data', variablesAt, 0xc000_0040],
    ] as const;
    for (const [index, [name, rva, flags]] of sections.entries()) {
      const at = directories + 16 * 8 + index * 40;
      this.bytes.set(bytesOfText(name), at);
      for (const field of [8, 16]) u32(at + field, 0x1000);
      for (const field of [12, 20]) u32(at + field, rva);
      u32(at + 36, flags);
    }
    for (const [index, name] of imports.entries()) {
      const target = kernelOf(this.machine) + BigInt(index * 0x100);
      if (wide) this.#view.setBigUint64(this.slot(name), target, true);
      else u32(this.slot(name), Number(BigInt.asUintN(32, target)));
    }
  }
}

const bytesOfText = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

/** Where the functions that it imports are. */
const kernelOf = (machine: Machine): bigint =>
  machine === 'x86' ? 0xffff_ffff_8280_0000n : 0xffff_f800_0000_0000n;
