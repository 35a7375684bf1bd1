import { assert } from '@poolscope/engine/base';
import type { KernelStructure, Member } from '../kernel-structure.ts';
import { StructureTable } from '../structure-table.ts';
import type { KernelProfile, RegionAddresses } from './profile.ts';

/** What the structure tables do not tell of a build. */
export interface BuildFacts {
  readonly architecture: 'x64' | 'x86';
  readonly build: number;
  readonly version: readonly [major: number, minor: number];
  readonly buildLab: string;
  readonly debuggerDataSize: number;
  /** Members that the build's table lacks, as `_KPRCB.CpuType`. */
  readonly offsets?: Readonly<Record<string, number>>;
  readonly addresses: RegionAddresses;
}

/** Structure and path of a member; its kind is that of the profiles. */
type Place = readonly [structure: string, path: string, kind: Member[1]];

const process = {
  HeaderType: ['_KPROCESS', 'Header', 'u8'],
  DirectoryTableBase: ['_KPROCESS', 'DirectoryTableBase', 'pointer'],
  ThreadListHead: ['_KPROCESS', 'ThreadListHead', 'list'],
  UniqueProcessId: ['_EPROCESS', 'UniqueProcessId', 'pointer'],
  ActiveProcessLinks: ['_EPROCESS', 'ActiveProcessLinks', 'list'],
  CreateTime: ['_EPROCESS', 'CreateTime', 'u64'],
  InheritedFromUniqueProcessId: ['_EPROCESS', 'InheritedFromUniqueProcessId', 'pointer'],
  Peb: ['_EPROCESS', 'Peb', 'pointer'],
  ImageFileName: ['_EPROCESS', 'ImageFileName', 'u8'],
} as const satisfies Record<string, Place>;

const thread = {
  HeaderType: ['_KTHREAD', 'Header', 'u8'],
  InitialStack: ['_KTHREAD', 'InitialStack', 'pointer'],
  StackLimit: ['_KTHREAD', 'StackLimit', 'pointer'],
  StackBase: ['_KTHREAD', 'StackBase', 'pointer'],
  KernelStack: ['_KTHREAD', 'KernelStack', 'pointer'],
  TrapFrame: ['_KTHREAD', 'TrapFrame', 'pointer'],
  ApcStateProcess: ['_KTHREAD', 'ApcState.Process', 'pointer'],
  Teb: ['_KTHREAD', 'Teb', 'pointer'],
  State: ['_KTHREAD', 'State', 'u8'],
  WaitIrql: ['_KTHREAD', 'WaitIrql', 'u8'],
  Process: ['_KTHREAD', 'Process', 'pointer'],
  WaitReason: ['_KTHREAD', 'WaitReason', 'u8'],
  ThreadListEntry: ['_KTHREAD', 'ThreadListEntry', 'list'],
  UniqueProcess: ['_ETHREAD', 'Cid.UniqueProcess', 'pointer'],
  UniqueThread: ['_ETHREAD', 'Cid.UniqueThread', 'pointer'],
  IrpList: ['_ETHREAD', 'IrpList', 'list'],
  StartAddress: ['_ETHREAD', 'StartAddress', 'pointer'],
} as const satisfies Record<string, Place>;

const prcb = {
  CurrentThread: ['_KPRCB', 'CurrentThread', 'pointer'],
  IdleThread: ['_KPRCB', 'IdleThread', 'pointer'],
  Number: ['_KPRCB', 'Number', 'u32'],
  MHz: ['_KPRCB', 'MHz', 'u32'],
  CpuType: ['_KPRCB', 'CpuType', 'u8'],
  VendorString: ['_KPRCB', 'VendorString', 'u8'],
  SpecialRegisters: ['_KPRCB', 'ProcessorState.SpecialRegisters', 'u8'],
  ContextFrame: ['_KPRCB', 'ProcessorState.ContextFrame', 'u8'],
  Context: ['_KPRCB', 'Context', 'pointer'],
  DpcStack: ['_KPRCB', 'DpcStack', 'pointer'],
} as const satisfies Record<string, Place>;

const pcrX64 = {
  Self: ['_KPCR', 'Self', 'pointer'],
  CurrentPrcb: ['_KPCR', 'CurrentPrcb', 'pointer'],
  Irql: ['_KPCR', 'Irql', 'u8'],
  Prcb: ['_KPCR', 'Prcb', 'u8'],
} as const satisfies Record<string, Place>;

const pcrX86 = {
  Self: ['_KPCR', 'SelfPcr', 'pointer'],
  CurrentPrcb: ['_KPCR', 'Prcb', 'pointer'],
  Irql: ['_KPCR', 'Irql', 'u8'],
  Prcb: ['_KPCR', 'PrcbData', 'u8'],
} as const satisfies Record<string, Place>;

const specialRegisters = {
  Cr0: ['_KSPECIAL_REGISTERS', 'Cr0', 'pointer'],
  Cr2: ['_KSPECIAL_REGISTERS', 'Cr2', 'pointer'],
  Cr3: ['_KSPECIAL_REGISTERS', 'Cr3', 'pointer'],
  Cr4: ['_KSPECIAL_REGISTERS', 'Cr4', 'pointer'],
} as const satisfies Record<string, Place>;

const trapFields = [
  ...(['DbgEbp', 'DbgEip', 'SegGs', 'SegEs', 'SegDs', 'Edx', 'Ecx', 'Eax', 'SegFs', 'Edi'] as const),
  ...(['Esi', 'Ebx', 'Ebp', 'ErrCode', 'Eip', 'SegCs', 'EFlags', 'HardwareEsp', 'HardwareSegSs'] as const),
];

/** Bytes of a loader entry that the lab makes; the structure of the kernel's own list is not in all PDBs. */
const loaderSize = { x64: 0xa0, x86: 0x5c };

/** KLDR_DATA_TABLE_ENTRY: the same up to CheckSum since Windows XP; the time stamp came with Windows 10. */
function loaderEntry(architecture: 'x64' | 'x86', hasTimeDateStamp: boolean): KernelProfile['loaderEntry'] {
  const wide = architecture === 'x64';
  const at = (x64: number, x86: number, kind: Member[1]): Member => [wide ? x64 : x86, kind];
  return {
    size: loaderSize[architecture],
    members: {
      InLoadOrderLinks: at(0x00, 0x00, 'list'),
      ExceptionTable: at(0x10, 0x08, 'pointer'),
      ExceptionTableSize: at(0x18, 0x0c, 'u32'),
      DllBase: at(0x30, 0x18, 'pointer'),
      EntryPoint: at(0x38, 0x1c, 'pointer'),
      SizeOfImage: at(0x40, 0x20, 'u32'),
      FullDllName: at(0x48, 0x24, 'u8'),
      BaseDllName: at(0x58, 0x2c, 'u8'),
      Flags: at(0x68, 0x34, 'u32'),
      LoadCount: at(0x6c, 0x38, 'u16'),
      CheckSum: at(0x78, 0x40, 'u32'),
      ...(hasTimeDateStamp ? { TimeDateStamp: at(0x9c, 0x58, 'u32') } : {}),
    },
  };
}

/** Members of the debugger block that are offsets of this build and not among the profile's own members. */
const numbers: Readonly<Record<string, readonly [structure: string, path: string]>> = {
  OffsetKThreadNextProcessor: ['_KTHREAD', 'NextProcessor'],
  OffsetKThreadQueueListEntry: ['_KTHREAD', 'QueueListEntry'],
  OffsetPrcbDpcRoutine: ['_KPRCB', 'DpcRoutineActive'],
};

/** Selectors as debuggers are told them. */
const selectors = {
  x64: {
    GdtR0Code: 0x10,
    GdtR0Data: 0x18,
    GdtR3Code: 0x33,
    GdtR3Data: 0x2b,
    GdtTss: 0x40,
    Gdt64R3CmCode: 0x23,
    Gdt64R3CmTeb: 0x53,
  },
  x86: { GdtR0Code: 0x08, GdtR0Data: 0x10, GdtR0Pcr: 0x30, GdtR3Code: 0x1b },
};

/** The profile of a build whose structures are in the tables that reader and writer share. */
export function profileFromTables(facts: BuildFacts): KernelProfile {
  const { architecture, build, version, buildLab, debuggerDataSize, addresses } = facts;
  const reader = new ProfileReader(facts);
  const isrStack = reader.offset('_KPRCB', 'IsrStack');
  const processors = reader.structure('_KPRCB', prcb);
  return {
    build,
    version,
    majorVersion: 15,
    buildLab,
    pointerSize: architecture === 'x64' ? 8 : 4,
    process: reader.structure('_EPROCESS', process),
    thread: reader.structure('_ETHREAD', thread),
    prcb: {
      ...processors,
      members: {
        ...processors.members,
        ...(isrStack === undefined ? {} : { IsrStack: [isrStack, 'pointer'] as const }),
      },
    },
    pcr: reader.structure('_KPCR', architecture === 'x64' ? pcrX64 : pcrX86),
    specialRegisters: reader.structure('_KSPECIAL_REGISTERS', specialRegisters),
    loaderEntry: loaderEntry(architecture, build >= 10_240),
    ...(architecture === 'x86' ? { trapFrame: reader.trapFrame() } : {}),
    debuggerDataSize,
    unloadedDriver: unloadedDriver(architecture),
    debuggerNumbers: { PaeEnabled: 1, ...reader.numbers(), ...selectors[architecture] },
    addresses,
  };
}

/** The same in all Windows. Source: as the engine's layout of it. */
const unloadedDriver = (architecture: 'x64' | 'x86'): KernelProfile['unloadedDriver'] =>
  architecture === 'x64'
    ? {
        size: 0x28,
        members: {
          Name: [0x00, 'u8'],
          StartAddress: [0x10, 'pointer'],
          EndAddress: [0x18, 'pointer'],
          CurrentTime: [0x20, 'u64'],
        },
      }
    : {
        size: 0x18,
        members: {
          Name: [0x00, 'u8'],
          StartAddress: [0x08, 'pointer'],
          EndAddress: [0x0c, 'pointer'],
          CurrentTime: [0x10, 'u64'],
        },
      };

class ProfileReader {
  readonly #facts: BuildFacts;
  readonly #tables: StructureTable;

  constructor(facts: BuildFacts) {
    this.#facts = facts;
    this.#tables = new StructureTable(facts.architecture, facts.build);
  }

  offset(structure: string, path: string): number | undefined {
    return this.#tables.offset(structure, path) ?? this.#facts.offsets?.[`${structure}.${path}`];
  }

  structure<N extends string>(name: string, places: Readonly<Record<N, Place>>): KernelStructure<N> {
    const members = Object.entries<Place>(places).map(([key, [structure, path, kind]]) => {
      const offset = this.offset(structure, path);
      assert(offset !== undefined, `${structure}.${path} of build ${this.#facts.build} is not known`);
      return [key, [offset, kind]] as const;
    });
    return { size: this.#size(name), members: Object.fromEntries(members) as Record<N, Member> };
  }

  trapFrame(): NonNullable<KernelProfile['trapFrame']> {
    const places = trapFields.map((name) => [name, ['_KTRAP_FRAME', name, 'u32']] as const);
    type Names = (typeof trapFields)[number];
    return this.structure('_KTRAP_FRAME', Object.fromEntries(places) as Record<Names, Place>);
  }

  numbers(): Record<string, number> {
    const found = Object.entries(numbers).map(
      ([name, [structure, path]]) => [name, this.offset(structure, path)] as const,
    );
    return Object.fromEntries(
      found.filter((each): each is readonly [string, number] => each[1] !== undefined),
    );
  }

  #size(name: string): number {
    const size = this.#tables.size(name);
    assert(size !== undefined, `the size of ${name} in build ${this.#facts.build} is not known`);
    return size;
  }
}
