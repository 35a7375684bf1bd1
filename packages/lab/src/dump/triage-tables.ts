import type { FileOffset, Va } from '@poolscope/engine/base';
import {
  DUMP_DRIVER_ENTRY32,
  DUMP_DRIVER_ENTRY64,
  DUMP_UNLOADED_DRIVERS32,
  DUMP_UNLOADED_DRIVERS64,
} from '@poolscope/engine/layouts';
import { concatBytes, u32Bytes, utf16Bytes, writeU32 } from '../bytes/integers.ts';
import { structBytes } from '../bytes/struct-writer.ts';

/** A loaded image as a small dump lists it. */
export interface DumpDriver {
  readonly fullName: string;
  readonly baseName: string;
  readonly base: Va;
  readonly entryPoint: Va;
  readonly size: number;
  readonly checkSum: number;
  readonly timeDateStamp: number;
}

export interface UnloadedDriver {
  readonly name: string;
  readonly start: Va;
  readonly end: Va;
}

/** Names of unloaded drivers are cut to this many characters. */
const unloadedNameLength = 12;
/** Family C keeps room for as many unloaded drivers as the kernel remembers. */
const unloadedSlots = 50;

/** The memory manager's numbers (DUMP_MM_STORAGE64): version and size, all else zero. */
export function mmStorage(): Uint8Array {
  const bytes = new Uint8Array(0x50);
  writeU32(bytes, 0, 1);
  writeU32(bytes, 4, bytes.length);
  return bytes;
}

const countSize = (wide: boolean): number => (wide ? 8 : 4);

export const unloadedSlotSize = (wide: boolean): number =>
  countSize(wide) + unloadedSlots * (wide ? DUMP_UNLOADED_DRIVERS64 : DUMP_UNLOADED_DRIVERS32).size;

export function unloadedDrivers(drivers: readonly UnloadedDriver[], wide: boolean): Uint8Array {
  const count = new Uint8Array(countSize(wide));
  writeU32(count, 0, drivers.length);
  return concatBytes([count, ...drivers.map((driver) => unloadedEntry(driver, wide))]);
}

function unloadedEntry({ name, start, end }: UnloadedDriver, wide: boolean): Uint8Array {
  const inline = utf16Bytes(name.slice(0, unloadedNameLength));
  const named = { Length: inline.length, MaximumLength: inline.length, DriverName: inline };
  return wide
    ? structBytes(DUMP_UNLOADED_DRIVERS64, { ...named, StartAddress: start, EndAddress: end })
    : structBytes(DUMP_UNLOADED_DRIVERS32, { ...named, StartAddress: low32(start), EndAddress: low32(end) });
}

const low32 = (va: Va): number => Number(va & 0xffff_ffffn);

/** DUMP_STRINGs: count of UTF-16 units, the units, a NUL; each begins on a multiple of 8 bytes after the first. */
export function stringPool(
  names: readonly string[],
  at: FileOffset,
): { bytes: Uint8Array; offsets: FileOffset[] } {
  const parts: Uint8Array[] = [];
  const offsets: FileOffset[] = [];
  let end = at;
  for (const name of names) {
    const units = utf16Bytes(name, true);
    const padding = -(4 + units.length) & 7;
    offsets.push(end);
    parts.push(u32Bytes(name.length), units, new Uint8Array(padding));
    end += 4 + units.length + padding;
  }
  return { bytes: concatBytes(parts), offsets };
}

/** Families A and B clear all but base, size, checksum and time; C keeps the loader's fields. */
export function driverEntries(
  drivers: readonly DumpDriver[],
  nameOffsets: readonly FileOffset[],
  wide: boolean,
  withLoaderFields: boolean,
): Uint8Array {
  return concatBytes(
    drivers.map((driver, index) => {
      const values = {
        DriverNameOffset: nameOffsets[index]!,
        SizeOfImage: driver.size,
        CheckSum: driver.checkSum,
        TimeDateStamp: driver.timeDateStamp,
      };
      const entryPoint = withLoaderFields ? driver.entryPoint : 0n;
      return wide
        ? structBytes(DUMP_DRIVER_ENTRY64, { ...values, DllBase: driver.base, EntryPoint: entryPoint })
        : structBytes(DUMP_DRIVER_ENTRY32, {
            ...values,
            DllBase: low32(driver.base),
            EntryPoint: low32(entryPoint),
          });
    }),
  );
}
