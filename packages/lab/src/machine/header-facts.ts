import { EXCEPTION_RECORD32, EXCEPTION_RECORD64 } from '@poolscope/engine/layouts';
import { structBytes } from '../bytes/struct-writer.ts';
import type { HeaderFacts } from '../dump/page-dumps.ts';
import type { PageTables } from '../memory/page-tables.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { Crash, Platform } from './platform.ts';
import { crashTimes } from './story.ts';

/** STATUS_BREAKPOINT at nt!KeBugCheckEx: what bug checks leave in the header, whatever the real exception was. */
const breakpoint = 0x8000_0003;
const noncontinuable = 1;

/** The header of the machine's dumps, as far as all kinds of dumps agree on it. */
export function headerFacts(
  platform: Platform,
  loaded: LoadedImages,
  tables: PageTables,
  crash: Crash,
  processors: number,
): HeaderFacts {
  const { profile } = platform;
  return {
    wide: profile.pointerSize === 8,
    majorVersion: profile.majorVersion,
    minorVersion: profile.build,
    machineImageType: platform.machineType,
    numberProcessors: processors,
    bugCheckCode: crash.code,
    bugCheckParameters: crash.parameters,
    directoryTableBase: tables.root,
    pfnDatabase: loaded.address('nt!MmPfnDatabase'),
    psLoadedModuleList: loaded.address('nt!PsLoadedModuleList'),
    psActiveProcessHead: loaded.address('nt!PsActiveProcessHead'),
    kdDebuggerDataBlock: loaded.address('nt!KdDebuggerDataBlock'),
    context: platform.context(crash.registers),
    exception: headerException(loaded, profile.pointerSize === 8),
    systemTime: crashTimes.systemTime,
    systemUpTime: crashTimes.upTime,
    productType: crashTimes.productType,
    suiteMask: crashTimes.suiteMask,
    kdSecondaryVersion: 0,
    paeEnabled: tables.format.name === 'pae',
  };
}

function headerException(loaded: LoadedImages, wide: boolean): Uint8Array {
  const address = loaded.address('nt!KeBugCheckEx');
  const record = { ExceptionCode: breakpoint, ExceptionFlags: noncontinuable };
  return wide
    ? structBytes(EXCEPTION_RECORD64, { ...record, ExceptionAddress: address })
    : structBytes(EXCEPTION_RECORD32, { ...record, ExceptionAddress: Number(address & 0xffff_ffffn) });
}
