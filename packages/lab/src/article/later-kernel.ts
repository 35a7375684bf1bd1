import { anyFunction, type Instruction, mark, raw } from '../image/code.ts';
import type { FunctionSpec } from '../image/image-spec.ts';
import { breakpoint, call, callRax, store } from '../image/x64-code.ts';
import { type X64FunctionOptions, x64Function } from '../image/x64-function.ts';
import { allocated, frameAt, machineFrame, type PrologStep, pushed, pushedAll } from '../image/x64-prolog.ts';
import { laterKernel } from './facts.ts';
import { placedFunction } from './placed-function.ts';

const { functions, cold, coldName } = laterKernel;
const everyRegister = pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15');

/** A function that is known by one call: where that returns, as bytes behind its beginning. */
const calling = (
  name: keyof typeof functions,
  prolog: readonly PrologStep[],
  callee: Instruction,
  end: number,
  options: X64FunctionOptions = {},
): FunctionSpec<PrologStep> =>
  placedFunction(name, functions[name], prolog, [{ code: [callee], end }], options);

const pageFault = calling(
  'KiPageFault',
  [machineFrame(true), pushed('rbp'), allocated(0x158), frameAt('rbp', 0x80)],
  call('MmAccessFault'),
  0x16e,
);

/** Where system calls go to their service; a part of nt!KiSystemCall64 with a name of its own. */
const serviceCopyEnd = placedFunction(
  'KiSystemServiceCopyEnd',
  functions.KiSystemServiceCopyEnd,
  [],
  [
    { code: [{ ...raw('41 ff d2'), calls: anyFunction }], end: 0x13 },
    { code: [], end: 0x40 },
  ],
  { chainTo: 'KiSystemCall64', noEpilog: true },
);

const bugCheckEx = placedFunction(
  'KeBugCheckEx',
  functions.KeBugCheckEx,
  [allocated(0x38)],
  [
    {
      code: [
        store('rsp', 0x40, 'rcx'),
        store('rsp', 0x48, 'rdx'),
        store('rsp', 0x50, 'r8'),
        store('rsp', 0x58, 'r9'),
      ],
      end: 0x18,
    },
    { code: [call('KeBugCheck2')], end: 0x104 },
    { code: [breakpoint()], end: 0x105 },
  ],
  { exported: true, noEpilog: true },
);

const systemFault = x64Function('MiSystemFault', [allocated(0x98)], []);

/** The way to a bug check, which is so rare that it stands apart from the rest of nt!MiSystemFault. */
function coldPart(name: keyof typeof cold): FunctionSpec<PrologStep> {
  const { at, offset } = cold[name];
  const lead = 0x15;
  return placedFunction(
    coldFunction(name),
    at - lead,
    [],
    [
      { code: [call('KeBugCheckEx')], end: lead },
      { code: [breakpoint()], end: lead + 1 },
    ],
    {
      chainTo: 'MiSystemFault',
      noEpilog: true,
      moved: { of: coldName, blocks: [{ at: 0, offset: offset - lead }] },
    },
  );
}

export const coldFunction = (name: keyof typeof cold): string => `MiSystemFault$${name}`;

/** Functions of the kernel of parts 2 and 3 that stand in for the usual ones, and those that are new. */
export const laterKernelFunctions: readonly FunctionSpec<PrologStep>[] = [
  systemFault,
  x64Function('DbgBreakPointWithStatus', [], [raw('cc c3')], { exported: true, noEpilog: true }),
  pageFault,
  serviceCopyEnd,
  bugCheckEx,
  calling('MmAccessFault', [...everyRegister, allocated(0xf8)], call('MiSystemFault'), 0x55b),
  // What the linker counted the rare parts to: it is nowhere near them now.
  placedFunction(coldName, 0xe_9000, [], [{ code: [breakpoint()], end: 1 }], { noEpilog: true }),
  coldPart('beyond'),
  coldPart('freed'),
  calling('KeBugCheck2', [...everyRegister, allocated(0x6d8)], call('KiBugCheckDebugBreak'), 0x79f),
  calling(
    'KiBugCheckDebugBreak',
    [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x40)],
    call('DbgBreakPointWithStatus'),
    0x12,
  ),
  calling('IopXxxControlFile', [...everyRegister, allocated(0x148)], call('IovCallDriver'), 0x7e5),
  calling('NtDeviceIoControlFile', [allocated(0x68)], call('IopXxxControlFile'), 0x56, { exported: true }),
  calling('IovCallDriver', [...pushedAll('rbx', 'rsi'), allocated(0x38)], callRax(), 0xba),
  calling(
    'VerifierExFreePoolWithTag',
    [pushed('rbx'), allocated(0x20)],
    call('ExFreePoolSanityChecks'),
    0x3c,
  ),
  placedFunction(
    'ExFreePoolSanityChecks',
    functions.ExFreePoolSanityChecks,
    [...pushedAll('rbx', 'rsi'), allocated(0x28)],
    // mov eax,dword ptr [r9]: the header in front of the block.
    [{ code: [mark('fault'), raw('41 8b 01')], end: 0xeb }],
  ),
];
