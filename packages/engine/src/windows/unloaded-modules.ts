import type { Va } from '../base/index.ts';
import {
  type Fields,
  type Layout,
  StructView,
  UNLOADED_DRIVERS32,
  UNLOADED_DRIVERS64,
} from '../layouts/index.ts';
import type { DebuggerData } from './debugger-data.ts';
import type { Target } from './target.ts';

/** A driver that was unloaded before the crash. */
export interface UnloadedModule {
  /** File name, or `unknown` when it cannot be read; triage dumps keep 12 characters of it. */
  readonly name: string;
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
  /** FILETIME of the unloading, where the dump has it. */
  readonly time: bigint | undefined;
  readonly from: 'triage dump' | 'MmUnloadedDrivers';
}

const entries = 50;

/** Newest first. */
export function readUnloadedModules(target: Target, data: DebuggerData | undefined): UnloadedModule[] {
  const { triage } = target.dump;
  if (triage !== undefined) {
    return triage.unloadedDrivers.map((driver) => ({ ...driver, time: undefined, from: 'triage dump' }));
  }
  const variable = data?.address('MmUnloadedDrivers');
  const array = variable === undefined ? undefined : target.readPointer(variable);
  if (array === undefined || array === 0n) return [];
  const last = data?.address('MmLastUnloadedDriver');
  const next = (last === undefined ? undefined : target.readU32(last)) ?? 0;
  const result: UnloadedModule[] = [];
  for (let index = 1; index <= entries; index++) {
    const entry = readEntry(target, array, (((next - index) % entries) + entries) % entries);
    if (entry !== undefined) result.push(entry);
  }
  return result;
}

function readEntry(target: Target, array: Va, index: number): UnloadedModule | undefined {
  const of: Layout<Fields> = target.pointerSize === 8 ? UNLOADED_DRIVERS64 : UNLOADED_DRIVERS32;
  const bytes = target.readBytes(array + BigInt(index * of.size), of.size);
  if (bytes === undefined) return undefined;
  const view = new StructView(of, bytes);
  const pointer = (name: string): Va => target.pointerIn(bytes, of.fields[name]!.offset) ?? 0n;
  const start = pointer('StartAddress');
  const end = pointer('EndAddress');
  if (start === 0n || end <= start) return undefined;
  const name = target.readUtf16(pointer('NameBuffer'), view.get('NameLength') as number) ?? 'unknown';
  return { name, start, end, time: view.get('CurrentTime') as bigint, from: 'MmUnloadedDrivers' };
}
