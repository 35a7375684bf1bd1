import { Fault, readU32, readU64, type Va, Warnings } from '../src/base/index.ts';
import type { Dump } from '../src/dump/index.ts';
import type { VirtualMemory } from '../src/mmu/index.ts';
import type { SearchedKernel } from '../src/pool/index.ts';
import { type KernelTypes, profileTypes } from '../src/types/index.ts';
import { KernelStructures, type Processor, sourced, Target } from '../src/windows/index.ts';

const pageSize = 0x1000;

/** Kernel memory by pages: what was never written is not there. */
export class PlantedMemory implements VirtualMemory {
  readonly kind = 'paged';
  readonly #pages = new Map<Va, Uint8Array>();

  /** Zeroed memory. */
  map(va: Va, length: number): Va {
    for (let at = va & ~0xfffn; at < va + BigInt(length); at += 0x1000n)
      if (!this.#pages.has(at)) this.#pages.set(at, new Uint8Array(pageSize));
    return va;
  }

  unmap(va: Va): void {
    this.#pages.delete(va & ~0xfffn);
  }

  write(va: Va, value: bigint | number, length: number): void {
    for (let index = 0; index < length; index++) {
      const at = BigInt.asUintN(64, va + BigInt(index));
      const page = this.#pages.get(at & ~0xfffn);
      if (page === undefined) throw new Error(`nothing is mapped at ${at.toString(16)}`);
      page[Number(at & 0xfffn)] = Number((BigInt(value) >> BigInt(index * 8)) & 0xffn);
    }
  }

  tryRead(va: Va, length: number): Uint8Array | Fault {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = BigInt.asUintN(64, va + BigInt(done));
      const page = this.#pages.get(at & ~0xfffn);
      if (page === undefined) return new Fault('not-in-dump', at, { got: bytes.subarray(0, done) });
      const part = page.subarray(Number(at & 0xfffn), Number(at & 0xfffn) + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  tryReadU64(va: Va): bigint | Fault {
    const bytes = this.tryRead(va, 8);
    return bytes instanceof Fault ? bytes : readU64(bytes, 0);
  }

  tryReadU32(va: Va): number | Fault {
    const bytes = this.tryRead(va, 4);
    return bytes instanceof Fault ? bytes : readU32(bytes, 0);
  }

  nextCandidate(va: Va): Va | undefined {
    const above = [...this.#pages.keys()].filter((page) => page > va);
    return above.length === 0 ? undefined : above.reduce((a, b) => (a < b ? a : b));
  }
}

export interface PlantedOptions {
  readonly processors?: number;
  /** Names of variables, without `nt!`; none: no symbols. */
  readonly names?: readonly string[];
  /** Variables that the debugger data block tells of; none: there is no block. */
  readonly told?: readonly string[];
  /** In place of the profile of the build. */
  readonly types?: KernelTypes;
}

/** Pages of the image of nt that hold its variables. */
const imagePages = 8;

/** As much of a kernel as readers of the pool ask for, with structures by the profile of a build. */
export class PlantedKernel {
  readonly memory = new PlantedMemory();
  readonly pointerSize: 4 | 8;
  readonly image: Va;
  readonly kernel: SearchedKernel;
  readonly structures: KernelStructures;
  readonly #variables = new Map<string, Va>();
  #nextVariable: Va;
  #next: Va;

  constructor(
    machine: 'x64' | 'x86',
    build: number,
    { processors = 1, names = [], told = [], types = profileTypes(machine, build) }: PlantedOptions = {},
  ) {
    this.pointerSize = machine === 'x86' ? 4 : 8;
    this.image = machine === 'x86' ? 0xffff_ffff_8280_0000n : 0xffff_f800_0280_0000n;
    this.#next = machine === 'x86' ? 0xffff_ffff_8600_0000n : 0xffff_fa80_0100_0000n;
    this.#nextVariable = this.memory.map(this.image, imagePages * pageSize) + 0x400n;
    const header = { machine, build, processors };
    const target = new Target(
      { header, warnings: new Warnings(), blocks: [] } as unknown as Dump,
      this.memory,
    );
    this.structures = new KernelStructures(target, types, []);
    const block = {
      address: (name: string) => (told.includes(name) ? this.#variables.get(name) : undefined),
    };
    this.kernel = {
      target,
      structures: this.structures,
      data: told.length === 0 ? undefined : (sourced(block, 'debugger data block') as never),
      processors: Array.from({ length: processors }, (_, number) => this.#processor(number)),
      thread: undefined,
      process: undefined,
      modules: [{ name: 'nt', base: this.image, size: imagePages * pageSize }],
      symbols: {
        findAddress: (name: string) =>
          names.includes(name.slice(3)) || names.includes('*')
            ? this.#variables.get(name.slice(3))
            : undefined,
      },
    };
  }

  #processor(number: number): Processor {
    const prcb = this.allocate(this.structures.find('_KPRCB')?.size ?? pageSize, pageSize);
    const none = { currentThread: undefined, idleThread: undefined, context: undefined };
    return { ...none, number: sourced(number, 'test'), prcb, dpcStack: undefined, isrStack: undefined };
  }

  /** Zeroed memory outside of images. */
  allocate(length: number, alignment = 16): Va {
    const va = (this.#next + BigInt(alignment) - 1n) & ~(BigInt(alignment) - 1n);
    this.#next = va + BigInt(length);
    return this.memory.map(va, length);
  }

  /** A variable of nt of so many bytes; made when it is first asked for. */
  variable(name: string, length = 8): Va {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    const va = this.#nextVariable;
    this.#nextVariable += BigInt((length + 15) & ~15);
    this.#variables.set(name, va);
    return va;
  }

  pointer(va: Va, value: Va): void {
    this.memory.write(va, BigInt.asUintN(this.pointerSize * 8, value), this.pointerSize);
  }

  /** Writes members of a structure by their names; those that this build does not have are left out. */
  set(structure: string, va: Va, values: Readonly<Record<string, bigint | number>>): void {
    for (const [path, value] of Object.entries(values)) {
      const member = this.structures.find(structure)?.member(path);
      if (member === undefined) continue;
      const length = (member.size ?? 0) / member.count;
      this.memory.write(va + BigInt(member.offset), BigInt.asUintN(length * 8, BigInt(value)), length);
    }
  }

  /** The address of a member. */
  member(structure: string, va: Va, path: string): Va {
    return va + BigInt(this.structures.find(structure)!.offset(path)!);
  }

  /** Links entries into a ring with their head. */
  ring(head: Va, entries: readonly Va[]): void {
    const all = [head, ...entries];
    all.forEach((entry, index) => {
      this.pointer(entry, all[(index + 1) % all.length]!);
      this.pointer(entry + BigInt(this.pointerSize), all[(index + all.length - 1) % all.length]!);
    });
  }
}
