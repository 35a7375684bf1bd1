import type { Console } from './console.ts';

/** The debugger's prompt: `kd> `, or `11: kd> ` (decimal) where the machine had several processors and one of them is chosen. */
export function promptOf({ processor, system }: Console): string {
  const several = (system.target.dump.header.processors ?? system.processors.length) > 1;
  return processor === undefined || !several ? 'kd> ' : `${processor}: kd> `;
}
