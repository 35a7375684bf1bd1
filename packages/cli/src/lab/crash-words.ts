import { describeBugCheck } from '@poolscope/engine';
import type { Machine } from '@poolscope/lab';

/** `SYSTEM_SERVICE_EXCEPTION (3b)`. */
export function bugCheckWords(machine: Machine): string {
  const { code, parameters } = machine.bugCheck;
  const [a = 0n, b = 0n, c = 0n, d = 0n] = parameters;
  const { build } = machine.profile;
  const { name } = describeBugCheck({ code, parameters: [a, b, c, d], build, machine: 'x64' });
  return `${name} (${code.toString(16)})`;
}

/** Where the machine was when it went wrong: the faulting instruction, or who called the bug check. */
export function placeWords({ truth, images }: Machine): string {
  const { fault, frames } = truth;
  const driver = frames.find(({ function: name }) => name !== undefined && !/^(?:nt|hal)!/.test(name));
  const caller = driver === undefined ? '' : `, called by ${driver.function}`;
  if (fault === undefined) return caller === '' ? 'in the kernel' : `in the kernel${caller}`;
  const start = images.symbols.get(fault.function);
  const offset = start === undefined ? '' : `+0x${(fault.ip - start).toString(16)}`;
  return `at ${fault.function}${offset}${fault.function === driver?.function ? '' : caller}`;
}
