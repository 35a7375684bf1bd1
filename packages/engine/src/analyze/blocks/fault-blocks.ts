import type { Va } from '../../base/index.ts';
import type { RegisterSet } from '../../cpu/index.ts';
import { type HeapFailure, heapCorruption, readHeapFailure } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';
import { describeNtStatus, readTrapErrorCode, readTrapFrame } from '../../windows/index.ts';
import type { FaultSite } from '../fault.ts';
import { address, type Block, type BlockValue, block, number, text } from './block.ts';

/** What failed: the exception, the address that was touched, the instruction, and the registers there. */
export function faultBlocks(
  system: CrashedSystem,
  fault: FaultSite | undefined,
  frames: readonly Frame[],
): Block[] {
  return [
    ...exceptionBlocks(system),
    ...accessBlocks(system, fault),
    ...poolBlocks(system),
    ...block('FAULTING_IP', fault && place(system, fault.ip)),
    ...recordBlocks(system),
    ...block('TRAP_FRAME', trapFrameOf(system, fault, frames)),
  ];
}

export const place = ({ symbols }: CrashedSystem, va: Va): BlockValue => ({
  kind: 'place',
  address: va,
  symbol: symbols.nameOf(va),
});

/** By the record, or by a parameter of the bug check. */
function exceptionBlocks(system: CrashedSystem): Block[] {
  const record = system.records.exception?.record;
  const code = record?.code ?? exceptionCodeOf(system);
  if (code === undefined) return [];
  const meaning = describeNtStatus(code)?.meaning;
  return [
    ...block('EXCEPTION_CODE', { kind: 'status', code, meaning }),
    ...block('EXCEPTION_CODE_STR', text(code.toString(16))),
    ...(record?.information ?? []).flatMap((value, index) =>
      block(`EXCEPTION_PARAMETER${index + 1}`, address(value)),
    ),
  ];
}

function exceptionCodeOf({ bugCheck, bugCheckFacts }: CrashedSystem): number | undefined {
  const index = bugCheck.roles.indexOf('exception-code');
  return index < 0 ? undefined : Number(BigInt.asUintN(32, bugCheckFacts.parameters[index]!));
}

const accessNames = { read: 'READ_ADDRESS', write: 'WRITE_ADDRESS', execute: 'EXECUTE_ADDRESS' } as const;

function accessBlocks({ bugCheck, target }: CrashedSystem, fault: FaultSite | undefined): Block[] {
  const pageFault = bugCheck.baseCode === 0x50 ? target.dump.header.bugCheckParameters[3] : undefined;
  const name = fault?.access === undefined ? undefined : accessNames[fault.access];
  const note = fault?.addressFrom === 'registers' ? 'by the registers, Windows did not record it' : undefined;
  return [
    ...(name === undefined ? [] : block(name, address(fault?.address), note)),
    ...block('MM_INTERNAL_CODE', number(pageFault)),
  ];
}

/** Pool that the parameters name. */
function poolBlocks(system: CrashedSystem): Block[] {
  const { bugCheck, bugCheckFacts, target } = system;
  const at = bugCheck.roles.indexOf('pool-address');
  const subcode = bugCheckFacts.parameters[bugCheck.roles.indexOf('subcode')];
  const failure = readHeapFailure(system, system.start?.registers.sp);
  return [
    ...block('SPECIAL_POOL_CORRUPTION_TYPE', bugCheck.baseCode === 0xc1 ? number(subcode) : undefined),
    ...(at < 0
      ? []
      : block(
          bugCheck.baseCode === heapCorruption ? 'CORRUPTING_POOL_ADDRESS' : 'POOL_ADDRESS',
          address(target.parameterAddress(at)),
          failure?.isComputed === true ? 'worked out of a header, seldom the damage itself' : undefined,
        )),
    ...(failure === undefined ? [] : heapBlocks(failure)),
  ];
}

/** Our own: what the parameters mean in terms of the heap. */
const heapBlocks = ({ heap, chunks }: HeapFailure): Block[] => [
  ...block('HEAP_ADDRESS', address(heap?.value), heap?.from),
  ...chunks.flatMap(({ chunk }) =>
    block(
      'HEAP_CHUNK',
      address(chunk),
      'probably in use when the check failed: it is on the stack with its node',
    ),
  ),
];

function recordBlocks({ records }: CrashedSystem): Block[] {
  const { exception, registers } = records;
  return [
    ...block('EXCEPTION_RECORD', exception && { kind: 'exception', ...exception }),
    ...block(
      'CONTEXT',
      registers?.kind === 'context' ? contextAt(registers.address, registers.values) : undefined,
    ),
  ];
}

const contextAt = (at: Va, values: RegisterSet): BlockValue => ({
  kind: 'registers',
  from: 'context',
  address: at,
  registers: Object.fromEntries(values.entries()),
});

function trapFrameAt({ target }: CrashedSystem, at: Va, values: RegisterSet): BlockValue {
  const errorCode = readTrapErrorCode(target, at);
  const registers = Object.fromEntries(values.entries());
  return {
    kind: 'registers',
    from: 'trap',
    address: at,
    registers,
    ...(errorCode === undefined ? {} : { errorCode }),
  };
}

/** The trap frame that the bug check names, or the one on the stack that the processor made at the fault. */
function trapFrameOf(
  system: CrashedSystem,
  fault: FaultSite | undefined,
  frames: readonly Frame[],
): BlockValue | undefined {
  const { registers } = system.records;
  if (registers?.kind === 'trap') return trapFrameAt(system, registers.address, registers.values);
  if (registers !== undefined || fault === undefined) return undefined;
  const interrupted = frames.findIndex(({ ip, trust }) => ip === fault.ip && trust === 'trap');
  const at = frames[interrupted - 1]?.trapFrame;
  const values = at === undefined ? undefined : readTrapFrame(system.target, at);
  return at === undefined || values === undefined ? undefined : trapFrameAt(system, at, values);
}
