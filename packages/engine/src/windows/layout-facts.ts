import type { Machine } from '../cpu/index.ts';
import type { LayoutFact } from '../types/index.ts';
import type { DebuggerData } from './debugger-data.ts';

type FieldName = Parameters<DebuggerData['offset']>[0];

/**
 * Fields of the debugger data block that tell a member's offset or a structure's size. Source: the names of wdbgexts.h;
 * which member a field means was checked on real dumps against the PDB types of their builds.
 */
const told: readonly (readonly [field: FieldName, structure: string, member?: string])[] = [
  ['SizeEProcess', '_EPROCESS'],
  ['OffsetEprocessPeb', '_EPROCESS', 'Peb'],
  ['OffsetEprocessParentCID', '_EPROCESS', 'InheritedFromUniqueProcessId'],
  ['OffsetEprocessDirectoryTableBase', '_EPROCESS', 'Pcb.DirectoryTableBase'],
  ['SizeEThread', '_ETHREAD'],
  ['OffsetEThreadIrpList', '_ETHREAD', 'IrpList'],
  ['OffsetKThreadTeb', '_KTHREAD', 'Teb'],
  ['OffsetKThreadKernelStack', '_KTHREAD', 'KernelStack'],
  ['OffsetKThreadInitialStack', '_KTHREAD', 'InitialStack'],
  ['OffsetKThreadStackLimit', '_KTHREAD', 'StackLimit'],
  ['OffsetKThreadStackBase', '_KTHREAD', 'StackBase'],
  ['OffsetKThreadApcProcess', '_KTHREAD', 'ApcState.Process'],
  ['OffsetKThreadState', '_KTHREAD', 'State'],
  ['OffsetKThreadNextProcessor', '_KTHREAD', 'NextProcessor'],
  ['OffsetKThreadWaitReason', '_KTHREAD', 'WaitReason'],
  ['OffsetKThreadQueueListEntry', '_KTHREAD', 'QueueListEntry'],
  ['SizePrcb', '_KPRCB'],
  ['OffsetPrcbCurrentThread', '_KPRCB', 'CurrentThread'],
  ['OffsetPrcbIdleThread', '_KPRCB', 'IdleThread'],
  ['OffsetPrcbDpcRoutine', '_KPRCB', 'DpcRoutineActive'],
  ['OffsetPrcbMhz', '_KPRCB', 'MHz'],
  ['OffsetPrcbCpuType', '_KPRCB', 'CpuType'],
  ['OffsetPrcbVendorString', '_KPRCB', 'VendorString'],
  ['OffsetPrcbNumber', '_KPRCB', 'Number'],
  ['OffsetPrcbContext', '_KPRCB', 'Context'],
  ['OffsetPrcbDpcStack', '_KPRCB', 'DpcStack'],
  ['OffsetPrcbIsrStack', '_KPRCB', 'IsrStack'],
  ['OffsetPrcbProcStateContext', '_KPRCB', 'ProcessorState.ContextFrame'],
  ['OffsetPrcbProcStateSpecialReg', '_KPRCB', 'ProcessorState.SpecialRegisters'],
  ['SizePcr', '_KPCR'],
  ['OffsetPcrSelfPcr', '_KPCR', 'Self'],
  ['OffsetPcrCurrentPrcb', '_KPCR', 'CurrentPrcb'],
];

/** What the dump's debugger data says about the layouts of its kernel. */
export function layoutFacts(data: DebuggerData | undefined, machine: Machine = 'x64'): LayoutFact[] {
  // On x86 another member, a pointer, has the name.
  const contained = ['OffsetPcrContainedPrcb', '_KPCR', machine === 'x86' ? 'PrcbData' : 'Prcb'] as const;
  return [...told, contained].flatMap(([field, structure, member]) => {
    const value = data?.offset(field);
    return value === undefined ? [] : [{ structure, member, value }];
  });
}
