import { readU32, utf16, type Va } from '../base/index.ts';
import {
  DUMP_DRIVER_ENTRY32,
  DUMP_DRIVER_ENTRY64,
  DUMP_UNLOADED_DRIVERS32,
  DUMP_UNLOADED_DRIVERS64,
  type Fields,
  type Layout,
  StructView,
} from '../layouts/index.ts';
import { addressOf, type TriageInput } from './triage-input.ts';

/** A loaded driver of a triage dump. */
export interface TriageDriver {
  /** Full NT path, or only the file name: both kinds of dumps exist. Empty when the name is outside the file. */
  readonly name: string;
  readonly base: Va;
  readonly size: number;
  readonly checkSum: number;
  readonly timeDateStamp: number;
}

/** A driver that was unloaded, as a small dump lists it; `end` is behind its last byte. */
export interface TriageUnloadedDriver {
  /** At most 12 characters: Windows cuts it. */
  readonly name: string;
  readonly start: Va;
  readonly end: Va;
}

const maxDrivers = 16_384;
const maxUnloaded = 256;

export function readTriageDrivers(input: TriageInput, triage: StructView<Fields>): TriageDriver[] {
  const { file, header, warnings } = input;
  const start = triage.get('DriverListOffset') as number;
  const claimed = triage.get('DriverCount') as number;
  if (start === 0 || claimed === 0) return [];
  const of: Layout<Fields> = header.bits === 64 ? DUMP_DRIVER_ENTRY64 : DUMP_DRIVER_ENTRY32;
  const stride = strideOf(triage.get('StringPoolOffset') as number, start, claimed, of.size);
  const room = Math.max(0, Math.floor((file.size - start) / stride));
  const count = Math.min(claimed, room, maxDrivers);
  if (count < claimed) warnings.add('driver-count', `the dump claims ${claimed} drivers; ${count} are read`);
  const drivers: TriageDriver[] = [];
  for (let index = 0; index < count; index++) {
    const bytes = file.read(start + index * stride, of.size);
    if (bytes.length === of.size) drivers.push(readDriver(input, new StructView(of, bytes)));
  }
  return drivers;
}

/** Entries of some builds are longer; the string pool behind the list tells their length. */
function strideOf(poolOffset: number, start: number, count: number, least: number): number {
  const stride = (poolOffset - start) / count;
  return Number.isInteger(stride) && stride >= least && stride <= 0x400 ? stride : least;
}

function readDriver(input: TriageInput, view: StructView<Fields>): TriageDriver {
  return {
    name: readDumpString(input, view.get('DriverNameOffset') as number),
    base: addressOf(view.get('DllBase') as never),
    size: view.get('SizeOfImage') as number,
    checkSum: view.get('CheckSum') as number,
    timeDateStamp: view.get('TimeDateStamp') as number,
  };
}

/** DUMP_STRING: a count of UTF-16 units, then the units. */
function readDumpString({ file, warnings }: TriageInput, offset: number): string {
  const length = offset === 0 ? 0 : file.readU32(offset);
  if (length <= 0 || length > 0x1000 || offset + 4 + length * 2 > file.size) {
    warnings.add('driver-name', 'a driver name is outside the file', BigInt(offset));
    return '';
  }
  return utf16(file.read(offset + 4, length * 2));
}

export function readTriageUnloadedDrivers(
  { file, header, warnings }: TriageInput,
  start: number,
): TriageUnloadedDriver[] {
  if (start === 0 || start >= file.size) return [];
  const wide = header.bits === 64;
  const of: Layout<Fields> = wide ? DUMP_UNLOADED_DRIVERS64 : DUMP_UNLOADED_DRIVERS32;
  const claimed = readU32(file.read(start, 8).length === 8 ? file.read(start, 8) : new Uint8Array(8), 0);
  if (claimed > maxUnloaded)
    warnings.add(
      'unloaded-count',
      `the dump claims ${claimed} unloaded drivers; ${maxUnloaded} at most are read`,
    );
  const drivers: TriageUnloadedDriver[] = [];
  for (let index = 0; index < Math.min(claimed, maxUnloaded); index++) {
    const bytes = file.read(start + (wide ? 8 : 4) + index * of.size, of.size);
    if (bytes.length < of.size) break;
    const view = new StructView(of, bytes);
    const length = Math.min(24, view.get('Length') as number);
    drivers.push({
      name: utf16((view.get('DriverName') as Uint8Array).subarray(0, length)).replace(/\0.*$/s, ''),
      start: addressOf(view.get('StartAddress') as never),
      end: addressOf(view.get('EndAddress') as never),
    });
  }
  return drivers;
}
