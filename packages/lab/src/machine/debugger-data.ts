import { readU64, type Va, wrap64 } from '@poolscope/engine/base';
import { KDDEBUGGER_DATA64 } from '@poolscope/engine/layouts';
import { fourCc, u64Bytes, writeU64 } from '../bytes/integers.ts';
import { StructWriter } from '../bytes/struct-writer.ts';
import { pointerBytes } from './kernel-structure.ts';
import { debuggerDataSize, printBufferSize } from './kernel-variables.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import { namesPoolData, poolDataFields } from './pool-variables.ts';
import type { KernelProfile } from './profiles/profile.ts';

type Fields = typeof KDDEBUGGER_DATA64.fields;
type FieldName = keyof Fields;

/** Fields that hold the address of a variable of the same name; Windows 10 leaves the others at zero. */
const sameNames: readonly FieldName[] = [
  'PsLoadedModuleList',
  'PsActiveProcessHead',
  'PspCidTable',
  'ExpSystemResourcesList',
  'KeTimeIncrement',
  'KeBugCheckCallbackListHead',
  'KiBugCheckData',
  'IopErrorLogListHead',
  'ObpRootDirectoryObject',
  'ObpTypeObjectType',
  'MmPfnDatabase',
  'MmSizeOfPagedPoolInBytes',
  'MmPagedPoolCommit',
  'PoolTrackTable',
  'MmHighestUserAddress',
  'MmSystemRangeStart',
  ...([
    'MmUserProbeAddress',
    'KdPrintCircularBuffer',
    'KdPrintWritePointer',
    'KdPrintRolloverCount',
  ] as const),
  'NtBuildLab',
  'KiProcessorBlock',
  'MmUnloadedDrivers',
  'MmLastUnloadedDriver',
  ...([
    'MmTriageActionTaken',
    'MmSpecialPoolTag',
    'KernelVerifier',
    'MmVerifierData',
    'CmNtCSDVersion',
  ] as const),
  'MmPhysicalMemoryBlock',
  'KdPrintCircularBufferPtr',
  'KdPrintBufferSize',
  'KeLoaderBlock',
  'IopNumTriageDumpDataBlocks',
  'IopTriageDumpDataBlocks',
  'EtwpDebuggerData',
];

/**
 * The debugger data block as the kernel keeps it before encoding; also a section of small dumps. Since Windows 10
 * MmPagedPoolCommit points into the memory manager's state: `commitAnchor`, where the machine has one.
 */
export function debuggerData(
  profile: KernelProfile,
  loaded: LoadedImages,
  pteBase: Va,
  commitAnchor?: Va,
): Uint8Array {
  const writer = new StructWriter(KDDEBUGGER_DATA64, new Uint8Array(debuggerDataSize));
  const block = loaded.address('nt!KdDebuggerDataBlock');
  writer.set('List', block).set('List', block, 1);
  const size = profile.debuggerDataSize ?? debuggerDataSize;
  writer.setAll({ OwnerTag: fourCc('KDBG'), Size: size, MmPageSize: 0x1000n, PteBase: pteBase });
  const names = namesPoolData(profile) ? [...sameNames, ...poolDataFields] : sameNames;
  for (const name of names) writer.set(name, loaded.address(`nt!${name}`) as never);
  writer.setAll({
    KernBase: loaded.list[0]!.image.spec.base,
    BreakpointWithStatus: loaded.address('nt!RtlpBreakWithStatusInstruction'),
    KiCallUserMode: loaded.address('nt!KiCallUserMode'),
    KdPrintCircularBufferEnd: loaded.address('nt!KdPrintCircularBuffer') + BigInt(printBufferSize),
  });
  if (commitAnchor !== undefined) writer.set('MmPagedPoolCommit', commitAnchor);
  writer.setAll(structureOffsets(profile));
  for (const [name, value] of Object.entries(profile.debuggerNumbers))
    writer.set(name as FieldName, value as never);
  return writer.bytes.subarray(0, size);
}

function structureOffsets({ process, thread, prcb, pcr }: KernelProfile) {
  const [p, t, c, r] = [process.members, thread.members, prcb.members, pcr.members];
  return {
    OffsetKThreadTeb: t.Teb[0],
    OffsetKThreadKernelStack: t.KernelStack[0],
    OffsetKThreadInitialStack: t.InitialStack[0],
    OffsetKThreadStackLimit: t.StackLimit[0],
    OffsetKThreadStackBase: t.StackBase[0],
    OffsetKThreadApcProcess: t.ApcStateProcess[0],
    OffsetKThreadState: t.State[0],
    OffsetKThreadWaitReason: t.WaitReason[0],
    OffsetEThreadIrpList: t.IrpList[0],
    SizeEThread: thread.size,
    SizeEProcess: process.size,
    OffsetEprocessPeb: p.Peb[0],
    OffsetEprocessParentCID: p.InheritedFromUniqueProcessId[0],
    OffsetEprocessDirectoryTableBase: p.DirectoryTableBase[0],
    SizePrcb: prcb.size,
    OffsetPrcbCurrentThread: c.CurrentThread[0],
    OffsetPrcbIdleThread: c.IdleThread[0],
    OffsetPrcbMhz: c.MHz[0],
    OffsetPrcbCpuType: c.CpuType[0],
    OffsetPrcbVendorString: c.VendorString[0],
    OffsetPrcbProcStateContext: c.ContextFrame[0],
    OffsetPrcbProcStateSpecialReg: c.SpecialRegisters[0],
    OffsetPrcbNumber: c.Number[0],
    OffsetPrcbContext: c.Context[0],
    OffsetPrcbDpcStack: c.DpcStack[0],
    OffsetPrcbIsrStack: c.IsrStack?.[0] ?? 0,
    SizePcr: pcr.size,
    OffsetPcrSelfPcr: r.Self[0],
    OffsetPcrCurrentPrcb: r.CurrentPrcb[0],
    OffsetPcrContainedPrcb: r.Prcb[0],
  };
}

/** Values of nt!KiWaitNever and nt!KiWaitAlways of a machine that keeps its block encoded. */
const waitNever = 0x6d2e_a7b1_94c3_5f1bn;
const waitAlways = 0x13c8_e650_2f9a_d741n;

/** Puts the block into memory, encoded as Windows 8 and later keep it while no debugger is attached. */
export function writeDebuggerData(
  world: KernelWorld,
  loaded: LoadedImages,
  block: Uint8Array,
  encoded: boolean,
): void {
  const { space } = world;
  const flag = loaded.address('nt!KdpDataBlockEncoded');
  space.write(flag, pointerBytes(encoded ? 1n : 0n, world.pointerSize));
  space.write(loaded.address('nt!KiWaitNever'), u64Bytes(waitNever));
  space.write(loaded.address('nt!KiWaitAlways'), u64Bytes(waitAlways));
  const stored = encoded ? encodeDebuggerData(block, waitNever, waitAlways, flag) : block;
  space.write(loaded.address('nt!KdDebuggerDataBlock'), stored);
}

/**
 * The inverse of what a debugger does to read the block: XOR with KiWaitAlways, swap the bytes, XOR with the address
 * of KdpDataBlockEncoded, rotate right by the low byte of KiWaitNever, XOR with KiWaitNever.
 */
export function encodeDebuggerData(block: Uint8Array, never: bigint, always: bigint, flag: Va): Uint8Array {
  const encoded = new Uint8Array(block.length);
  for (let at = 0; at + 8 <= block.length; at += 8) {
    const swapped = swapBytes(readU64(block, at) ^ always) ^ flag;
    writeU64(encoded, at, rotateRight(swapped, never & 0x3fn) ^ never);
  }
  return encoded;
}

const rotateRight = (value: bigint, count: bigint): bigint =>
  wrap64((value >> count) | (value << (64n - count)));

const swapBytes = (value: bigint): bigint => readU64(u64Bytes(value).toReversed(), 0);
