import type { Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';
import { MemberReader } from './member-reader.ts';
import type { Processor } from './processors.ts';

/** A processor's control region (KPCR). Undefined: this machine's has none, or (in `missing`) it is not in the dump. */
export interface ProcessorRegion {
  readonly processor: number | undefined;
  readonly address: Va;
  readonly majorVersion: number | undefined;
  readonly minorVersion: number | undefined;
  /** x86 keeps an NT_TIB there; on x64 the same bytes mean other things. */
  readonly tib: Readonly<Record<TibMember, Va | undefined>> | undefined;
  readonly self: Va | undefined;
  readonly prcb: Va | undefined;
  readonly irql: number | undefined;
  readonly irr: number | undefined;
  readonly idr: number | undefined;
  readonly interruptMode: number | undefined;
  readonly idt: Va | undefined;
  readonly gdt: Va | undefined;
  readonly tss: Va | undefined;
  readonly userRsp: Va | undefined;
  readonly currentThread: Va | undefined;
  readonly nextThread: Va | undefined;
  readonly idleThread: Va | undefined;
  readonly missing: readonly string[];
}

/** Members of NT_TIB in their order, which all are pointers. */
export const tibMembers = [
  'ExceptionList',
  'StackBase',
  'StackLimit',
  'SubSystemTib',
  'Version',
  'UserPointer',
  'SelfTib',
] as const;
export type TibMember = (typeof tibMembers)[number];

/** The structures that it is read from. */
export const regionStructures = ['_KPCR', '_KPRCB'] as const;

/** Undefined where it is not known how far before its KPRCB the region begins. */
export function readProcessorRegion(kernel: Kernel, processor: Processor): ProcessorRegion | undefined {
  const { structures, target, data } = kernel;
  const offset =
    data?.value.offset('OffsetPcrContainedPrcb') ??
    structures.offset('_KPCR', 'Prcb') ??
    structures.offset('_KPCR', 'PrcbData');
  if (offset === undefined || structures.find('_KPCR') === undefined) return undefined;
  const address = processor.prcb - BigInt(offset);
  const missing: string[] = [];
  const read = new MemberReader(structures.at('_KPCR', address), missing);
  return {
    processor: processor.number?.value,
    address,
    majorVersion: read.number('version', 'MajorVersion'),
    minorVersion: read.number('version', 'MinorVersion'),
    tib: target.machine === 'x86' ? readTib(kernel, address, missing) : undefined,
    self: read.pointer('self', 'Self', 'SelfPcr'),
    prcb: read.pointer('prcb', 'CurrentPrcb', ...(target.machine === 'x86' ? ['Prcb'] : [])),
    irql: read.number('irql', 'Irql'),
    irr: read.number('irr', 'IRR'),
    idr: read.number('idr', 'IDR'),
    interruptMode: read.number('interruptMode', 'InterruptMode'),
    idt: read.pointer('idt', 'IdtBase', 'IDT'),
    gdt: read.pointer('gdt', 'GdtBase', 'GDT'),
    tss: read.pointer('tss', 'TssBase', 'TSS'),
    userRsp: read.pointer('userRsp', 'UserRsp'),
    ...threadsOf(kernel, processor, missing),
    missing,
  };
}

/** Threads that a KPRCB names. */
export function threadsOf(
  { structures }: Kernel,
  { prcb, currentThread, idleThread }: Processor,
  missing: string[],
): Pick<ProcessorRegion, 'currentThread' | 'nextThread' | 'idleThread'> {
  const hasNext = structures.offset('_KPRCB', 'NextThread') !== undefined;
  const read = hasNext ? new MemberReader(structures.at('_KPRCB', prcb), missing) : undefined;
  return { currentThread, nextThread: read?.pointer('nextThread', 'NextThread'), idleThread };
}

function readTib({ target }: Kernel, address: Va, missing: string[]): ProcessorRegion['tib'] {
  const values = tibMembers.map((name, index): [TibMember, Va | undefined] => {
    const value = target.readPointer(address + BigInt(index * target.pointerSize));
    if (value === undefined && !missing.includes('tib')) missing.push('tib');
    return [name, value];
  });
  return Object.fromEntries(values) as Record<TibMember, Va | undefined>;
}
