import type { Va } from '../../base/index.ts';
import type { Scene } from './scene.ts';

/** The command that shows the registers at the fault: as they were saved, or those of the interrupted frame. */
export function showRegisters({ system, fault, frames }: Scene): string {
  const saved = system.records.registers;
  if (saved !== undefined)
    return `${saved.kind === 'context' ? '.cxr' : '.trap'} ${system.shortText(saved.address)}`;
  const frame = frames.findIndex(({ ip, trust }) => ip === fault?.ip && trust !== 'scan');
  return frame > 0 ? `.frame /r ${frame.toString(16)}` : 'r';
}

/** Shows the failed instruction and the address that it used, by what that is known from. */
export function showFault(scene: Scene, ip: Va): string {
  const { system, fault } = scene;
  const code = `u ${system.shortText(ip)} L1`;
  const { exception } = system.records;
  if (fault?.addressFrom === 'exception record' && exception !== undefined)
    return `.exr ${system.shortText(exception.address)}; ${code}`;
  if (fault?.addressFrom === 'bug check parameters') return `.bugcheck; ${code}`;
  return fault?.addressFrom === 'registers' ? showRegisters(scene) : code;
}

/** Shows whose image an address is in. */
export const showModule = ({ system }: Scene, at: Va): string => `lm a ${system.shortText(at)}`;
