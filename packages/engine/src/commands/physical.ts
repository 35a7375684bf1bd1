import { DebuggerError } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import type { Console } from './console.ts';

/** Physical memory, or an error that says why this dump has none. */
export function requirePhysical({ system }: Console): PhysicalMemory {
  const { physical, format } = system.target.dump;
  if (physical !== undefined) return physical;
  if (format === 'header')
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump consists of its header alone');
  throw new DebuggerError(
    'NOT_IN_TRIAGE_DUMP',
    'a small memory dump has no physical memory and no page tables',
  );
}

/** The page tables of the current process, and the physical memory that they are in. */
export function requireTables(console: Console): {
  readonly memory: PagedMemory;
  readonly physical: PhysicalMemory;
} {
  const physical = requirePhysical(console);
  const { memory } = console;
  if (memory instanceof PagedMemory) return { memory, physical };
  throw new DebuggerError('NOT_IN_TRIAGE_DUMP', 'this dump has no page tables');
}
