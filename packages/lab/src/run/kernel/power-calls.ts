import { mark } from '../../image/code.ts';
import type { DataSpec, FunctionSpec } from '../../image/image-spec.ts';
import { call, jump, lea, leaSymbol, load, move, moveImmediate, store } from '../../image/x64-code.ts';
import { jumpIf, moveConstant, moveZeroExtended, nothing, test, xor } from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushed, pushedAll } from '../../image/x64-prolog.ts';
import { intrinsic } from '../code-map.ts';
import type { KernelServices } from '../kernel-services.ts';

const driverPowerStateFailure = 0x9f;
const blockedIrp = 3;
const invalidRequest = 0xc000_0010;

/** Offsets in IRP, IO_STACK_LOCATION, DEVICE_OBJECT and DEVOBJ_EXTENSION of x64, the same in all builds. */
const offsets = { location: 0xb8, device: 0x28, stackSize: 0x4c, extension: 0x138, attachedTo: 0x30 };

/** Requests for power that are on their way, and who waits for them. */
export const powerVariables: readonly DataSpec[] = [
  { name: 'PopIrpList', size: 0x10, alignment: 16 },
  { name: 'PopIrpThreadList', size: 0x10, alignment: 16 },
];

/** Asks the device in rcx for a state of power: the request goes to its driver, which may keep it. */
const worker = (services: KernelServices): FunctionSpec<PrologStep> =>
  x64Function(
    'PopIrpWorker',
    [...pushedAll('rbx', 'rsi'), allocated(0x28)],
    [
      move('rsi', 'rcx'),
      moveZeroExtended('rcx', at('rsi', offsets.stackSize), 1),
      xor('rdx', 'rdx', 4),
      call('IoAllocateIrp'),
      move('rbx', 'rax'),
      intrinsic((cpu) => services.preparePowerIrp(cpu.registers.rbx)),
      move('rdx', 'rbx'),
      move('rcx', 'rsi'),
      call('IofCallDriver'),
      nothing(),
    ],
  );

/** The DPC of the timer that runs while a request is on its way: the request is its context. */
const watchdog = (): FunctionSpec<PrologStep> =>
  x64Function(
    'PopIrpWatchdog',
    [allocated(0x28)],
    [move('rcx', 'rdx'), call('PopIrpWatchdogBugcheck'), nothing()],
  );

/**
 * IRP in rcx: the bug check names the lowest device of its stack, a TRIAGE_9F_POWER and the IRP. Source of these: the
 * documentation of bug check 0x9F.
 */
const watchdogBugCheck = (): FunctionSpec<PrologStep> =>
  x64Function(
    'PopIrpWatchdogBugcheck',
    [pushed('rbx'), allocated(0x60)],
    [
      move('rbx', 'rcx'),
      load('rax', 'rbx', offsets.location),
      load('r8', 'rax', offsets.device),
      mark('lower'),
      load('rax', 'r8', offsets.extension),
      load('rax', 'rax', offsets.attachedTo),
      test('rax', 'rax'),
      jumpIf('e', 'lowest'),
      move('r8', 'rax'),
      jump('lower'),
      mark('lowest'),
      // Signature and revision, and the lists.
      moveConstant(at('rsp', 0x30), 0x1_8000, 8),
      leaSymbol('rax', 'PopIrpList'),
      store('rsp', 0x38, 'rax'),
      leaSymbol('rax', 'PopIrpThreadList'),
      store('rsp', 0x40, 'rax'),
      lea('r9', 'rsp', 0x30),
      store('rsp', 0x20, 'rbx'),
      moveImmediate('rdx', blockedIrp),
      moveImmediate('rcx', driverPowerStateFailure),
      call('KeBugCheckEx'),
      nothing(),
    ],
    { noEpilog: true },
  );

/** What a driver does with requests that it does not know. */
const invalidDeviceRequest = (): FunctionSpec<PrologStep> =>
  x64Function('IopInvalidDeviceRequest', [allocated(0x28)], [moveImmediate('rax', invalidRequest)]);

/** Requests for power: how they go to a driver, and who stops the machine when one does not come back. */
export const powerFunctions = (services: KernelServices): FunctionSpec<PrologStep>[] => [
  worker(services),
  watchdog(),
  watchdogBugCheck(),
  invalidDeviceRequest(),
];
