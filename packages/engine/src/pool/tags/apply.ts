import type { Instruction } from '../../disasm/index.ts';
import type { FlowMemory } from './effects.ts';
import { applyArm64 } from './effects-arm64.ts';
import { applyIntel } from './effects-intel.ts';
import type { FlowState } from './value.ts';

/** The effect of one instruction that goes on to the next one. */
export function applyInstruction(
  state: FlowState,
  instruction: Instruction,
  at: number,
  memory: FlowMemory,
): void {
  if (instruction.machine === 'arm64') applyArm64(state, instruction, at, memory);
  else applyIntel(state, instruction, at, memory);
}
