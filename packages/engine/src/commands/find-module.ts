import { DebuggerError } from '../base/index.ts';
import { moduleNamed } from '../code/index.ts';
import type { Module } from '../windows/index.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** The module that an argument names: by its name, with or without extension, or by an address in it. Throws MODULE_UNKNOWN. */
export function findModule(console: Console, text: string): Module {
  const { system } = console;
  const named = moduleNamed(system, text) ?? byImage(console, text);
  if (named !== undefined) return named;
  const va = evaluateIn(console, text);
  const found = system.symbols.moduleAt(va);
  const module = system.modules.find(({ base }) => base === found?.module.base);
  if (module !== undefined) return module;
  throw new DebuggerError('MODULE_UNKNOWN', `there is no module at ${system.addressText(va)}`);
}

const byImage = ({ system }: Console, text: string): Module | undefined =>
  system.modules.find(({ image }) => image.toLowerCase() === text.toLowerCase());
