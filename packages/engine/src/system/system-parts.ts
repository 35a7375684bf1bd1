import { Symbols } from '../symbols/index.ts';
import {
  type DebuggerData,
  type Module,
  readDebuggerData,
  readModules,
  readUnloadedModules,
  type Sourced,
  type Target,
  type UnloadedModule,
} from '../windows/index.ts';
import { kernelVariables } from './kernel-variables.ts';
import { knownPlaces } from './known-places.ts';

/** What is read of a system before symbols are looked for: enough to know what to look for. */
export interface SystemParts {
  readonly data: Sourced<DebuggerData> | undefined;
  readonly modules: readonly Module[];
  readonly unloadedModules: readonly UnloadedModule[];
  readonly symbols: Symbols;
}

export function readSystemParts(target: Target): SystemParts {
  const data = readDebuggerData(target);
  const modules = readModules(target, data?.value);
  const unloadedModules = readUnloadedModules(target, data?.value);
  const kernel = modules.find((module) => module.name === 'nt');
  const symbols = new Symbols(target.memory, modules, unloadedModules, kernelVariables(kernel, data?.value));
  symbols.usePlaces(knownPlaces(target, data?.value));
  return { data, modules, unloadedModules, symbols };
}
