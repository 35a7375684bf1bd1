import type * as CapstoneModule from 'capstone-wasm';
import type * as IcedModule from 'iced-x86';
import type { Machine } from '../cpu/index.ts';
import { createArm64Disassembler } from './arm64-disassembler.ts';
import type { Disassembler } from './instruction.ts';
import { createIntelDisassembler } from './intel-disassembler.ts';
import { lateDisassembler } from './late-disassembler.ts';

/** Ways to the libraries for a host that has a better one than `import()`: Node's require is four times as fast. */
export interface LibrarySource {
  /** iced-x86, for x64 and x86. */
  readonly iced?: () => Promise<typeof IcedModule>;
  /** The same without waiting, called when the first instruction is asked for. It takes the place of `iced`. */
  readonly icedNow?: () => typeof IcedModule;
  /** capstone-wasm, for arm64. */
  readonly capstone?: () => Promise<typeof CapstoneModule>;
}

const imported = {
  iced: () => import('iced-x86'),
  capstone: () => import('capstone-wasm'),
} satisfies LibrarySource;

const loading = new Map<Machine, Promise<Disassembler>>();

async function create(machine: Machine, source: LibrarySource): Promise<Disassembler> {
  const { iced, icedNow, capstone } = { ...imported, ...source };
  if (machine === 'arm64') return createArm64Disassembler(await capstone());
  if (icedNow !== undefined)
    return lateDisassembler(machine, () => createIntelDisassembler(icedNow(), machine));
  return createIntelDisassembler(await iced(), machine);
}

/**
 * The disassembler of a machine. Its library is loaded at the first call and kept. Rejects with the error of the host
 * when the library cannot be loaded; the next call tries again.
 */
export function loadDisassembler(machine: Machine, source: LibrarySource = {}): Promise<Disassembler> {
  const known = loading.get(machine);
  if (known !== undefined) return known;
  const promise = create(machine, source);
  loading.set(machine, promise);
  promise.catch(() => loading.delete(machine));
  return promise;
}
