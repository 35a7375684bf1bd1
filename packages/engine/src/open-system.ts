import { Fault } from './base/index.ts';
import { type LibrarySource, loadDisassembler } from './disasm/index.ts';
import { type Dump, openDump } from './dump/index.ts';
import type { BlockCacheOptions, ByteSource } from './io/index.ts';
import { BlockMemory, detectPaging, PagedMemory, type VirtualMemory } from './mmu/index.ts';
import type { SymbolSource } from './symbols/index.ts';
import { type CrashedSystem, readSystem } from './system/index.ts';
import { Target } from './windows/index.ts';

/** What reading a crashed system may use. */
export interface SystemOptions {
  readonly cache?: BlockCacheOptions;
  /** How this host loads the disassemblers' libraries. */
  readonly libraries?: LibrarySource;
  /** Where symbols are looked for. Without it names come from export tables, layouts and some names of nt from built-in profiles. */
  readonly symbols?: SymbolSource;
}

/**
 * Opens a dump of any kind without a console: what the page needs for a verdict, before it loads the commands. Throws a
 * DebuggerError when the bytes are no kernel dump.
 */
export async function openSystem(source: ByteSource, options: SystemOptions = {}): Promise<CrashedSystem> {
  const dump = openDump(source, options.cache);
  const disassembler = await loadDisassembler(dump.header.machine, options.libraries);
  return readSystem(new Target(dump, openMemory(dump)), disassembler, options.symbols);
}

/** Virtual memory by page tables, or by saved blocks where the dump holds none. */
function openMemory(dump: Dump): VirtualMemory {
  const { header, physical } = dump;
  if (physical === undefined) return new BlockMemory(dump.file, dump.blocks);
  const probes = [header.psLoadedModuleList, header.kdDebuggerDataBlock, header.psActiveProcessHead].filter(
    (va) => va !== undefined,
  );
  const { machine, directoryTableBase, paeEnabled: pae, build } = header;
  const memory = new PagedMemory(
    physical,
    detectPaging(physical, { machine, directoryTableBase, pae, build }, probes),
  );
  if (probes.length > 0 && probes.every((va) => memory.tryReadU32(va) instanceof Fault)) {
    const message =
      'the page tables at DirectoryTableBase do not lead to the kernel: the header may hold another process';
    dump.warnings.add('directory-table-base', message, BigInt(directoryTableBase));
  }
  return memory;
}
