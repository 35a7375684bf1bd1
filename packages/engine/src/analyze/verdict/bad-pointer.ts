import { PagedMemory } from '../../mmu/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Scene } from './scene.ts';

/** The pointer that the kernel's faulting instruction went through, where nothing is mapped at it. */
export function badPointer({ system, fault }: Scene): bigint | undefined {
  const { instruction, registers, ip } = fault ?? {};
  if (instruction === undefined || registers === undefined || ip === undefined) return undefined;
  if (system.symbols.locate(ip)?.module.name !== 'nt') return undefined;
  const base = instruction.memory.find(({ access }) => access !== 'none')?.base;
  const value = base === undefined ? undefined : registers.get(base);
  return value !== undefined && value > 0xffff_ffffn && isNoAddress(system, value) ? value : undefined;
}

/** Is nothing mapped there? In a dump without page tables that is known only of values that no address can have. */
export function isNoAddress({ memory, target }: CrashedSystem, value: bigint): boolean {
  if (target.readBytes(value, 1) !== undefined) return false;
  if (memory instanceof PagedMemory) return true;
  const high = value >> 47n;
  return target.pointerSize === 8 && high !== 0n && high !== 0x1_ffffn;
}

/** A pointer all of whose bytes are printable. */
export function asText(value: bigint, size: number): string | undefined {
  let text = '';
  for (let at = 0; at < size; at++) {
    const code = Number((value >> BigInt(8 * at)) & 0xffn);
    if (code < 0x20 || code > 0x7e) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}
