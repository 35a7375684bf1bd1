import { DebuggerError, describeFault, Fault } from '../base/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import { type Command, usageError } from './command.ts';
import { requirePhysical } from './display-physical.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';
import { splitRange } from './range.ts';

export const vtopCommand: Command = {
  names: ['!vtop'],
  usage: '[DIRBASE] ADDR',
  summary: 'translate a virtual address to a physical one',
  group: 'paging',
  details: ['DIRBASE is the directory base of another process; 0 or none is the one of the dump.'],
  run(console, args) {
    if (args === '') throw usageError(vtopCommand, 'an address is missing');
    requirePhysical(console);
    const { memory } = console.system;
    if (!(memory instanceof PagedMemory)) throw usageError(vtopCommand, 'this dump has no page tables');
    const { address, end } = splitRange(args);
    const base = end === undefined ? 0n : evaluateIn(console, address);
    const va = evaluateIn(console, end ?? address);
    const space = base === 0n ? memory : memory.withDirectoryTableBase(Number(BigInt.asUintN(52, base)));
    const { pa } = space.translate(va);
    if (pa === undefined) {
      const fault = space.tryRead(va, 1);
      const why = fault instanceof Fault ? describeFault(fault) : 'it is not mapped';
      throw new DebuggerError(
        'ADDRESS_NOT_MAPPED',
        `Virtual address ${console.system.plainText(va)} does not translate: ${why}`,
      );
    }
    const text = `Virtual address ${console.system.plainText(va)} translates to physical address ${pa.toString(16)}.`;
    return { data: { va, pa }, lines: plain(text) };
  },
};
