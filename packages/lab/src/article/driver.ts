import { Myfault, myfaultControls } from '../drivers/index.ts';
import { type Instruction, mark } from '../image/code.ts';
import type { FunctionSpec } from '../image/image-spec.ts';
import {
  call,
  callImport,
  jump,
  lea,
  leaSymbol,
  load,
  move,
  moveFrom,
  moveImmediate,
  moveTo,
} from '../image/x64-code.ts';
import { compare, increment, jumpIf, moveConstant, shortJumpTo, test, xor } from '../image/x64-data.ts';
import { x64Function } from '../image/x64-function.ts';
import { at, atSymbol } from '../image/x64-operands.ts';
import { allocated, type PrologStep, pushedAll } from '../image/x64-prolog.ts';
import { laterKernel } from './facts.ts';
import { settled } from './settled-function.ts';

const { driver } = laterKernel;
/** Offsets in IRP, IO_STACK_LOCATION and FILE_OBJECT of x64. */
const irp = { systemBuffer: 0x18, status: 0x30, information: 0x38, location: 0xb8 };
const location = { code: 0x18, file: 0x30 };

/** Buffer, control code: rsi, rdi and rbp are still those of the dispatch routine. */
const deviceControl = (blockSize: number): FunctionSpec<PrologStep> =>
  x64Function(
    'MyfaultDeviceControl',
    [...pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15'), allocated(0x108)],
    [
      compare('rdx', myfaultControls.overrunText, 4),
      jumpIf('e', 'overrun'),
      compare('rdx', myfaultControls.doubleFree, 4),
      jumpIf('e', 'twice'),
      moveImmediate('rax', 0xc000_0010),
      jump('out'),
      mark('overrun'),
      ...allocateBlock(blockSize),
      leaSymbol('rdx', 'OverflowText'),
      mark('copy'),
      moveFrom('rax', at('rdx'), 1),
      mark('write'),
      moveTo(at('rcx'), 'rax', 1),
      increment('rdx'),
      increment('rcx'),
      test('rax', 'rax', 1),
      jumpIf('ne', 'copy'),
      xor('rax', 'rax', 4),
      jump('out'),
      mark('twice'),
      ...allocateBlock(blockSize),
      xor('rdx', 'rdx', 4),
      callImport('nt!ExFreePoolWithTag'),
      move('rcx', 'rbx'),
      xor('rdx', 'rdx', 4),
      mark('second'),
      callImport('nt!ExFreePoolWithTag'),
      shortJumpTo('out'),
      mark('out'),
    ],
  );

/** A block without a tag: in rbx and rcx, and noted down. */
const allocateBlock = (bytes: number): Instruction[] => [
  moveImmediate('rdx', bytes),
  xor('rcx', 'rcx', 4),
  callImport('nt!ExAllocatePool'),
  move('rbx', 'rax'),
  moveTo(atSymbol('LastBlock'), 'rbx'),
  move('rcx', 'rbx'),
];

/** Device, IRP. */
const dispatch = (): FunctionSpec<PrologStep> =>
  x64Function(
    'MyfaultDispatch',
    [...pushedAll('rbx', 'rbp', 'rsi', 'rdi'), allocated(0x38)],
    [
      move('rsi', 'rdx'),
      lea('rdi', 'rdx', irp.status),
      load('rax', 'rsi', irp.location),
      load('rbp', 'rax', location.file),
      moveFrom('rdx', at('rax', location.code), 4),
      load('rcx', 'rsi', irp.systemBuffer),
      call('MyfaultDeviceControl'),
      moveTo(at('rdi'), 'rax', 4),
      moveConstant(at('rsi', irp.information), 0),
      move('rbx', 'rax'),
      xor('rdx', 'rdx', 4),
      move('rcx', 'rsi'),
      callImport('nt!IofCompleteRequest'),
      move('rax', 'rbx'),
    ],
  );

/** Bytes of a call through the import table. */
const callBytes = 6;
const { MyfaultDeviceControl, MyfaultDispatch } = driver;

/**
 * The driver of the fault tool as parts 2 and 3 show it: its frames, where it writes, and where it frees. What it does with
 * registers is what the article's registers show; the rest of its code is not known.
 */
export class ArticleMyfault extends Myfault {
  override get functions(): readonly FunctionSpec<PrologStep>[] {
    const own = new Set(['MyfaultDeviceControl', 'MyfaultDispatch']);
    const usual = super.functions.filter(({ name }) => !own.has(name));
    return [
      ...usual,
      settled(deviceControl(driver.blockSize), {
        at: MyfaultDeviceControl,
        anchors: [
          { label: 'write', at: driver.write - MyfaultDeviceControl },
          { label: 'second', at: driver.secondFree - MyfaultDeviceControl - callBytes },
          { label: 'out', at: driver.out - MyfaultDeviceControl },
        ],
      }),
      settled(dispatch(), {
        at: MyfaultDispatch,
        anchors: [{ calls: 'MyfaultDeviceControl', returnsAt: driver.controlReturn - MyfaultDispatch }],
      }),
    ];
  }
}
