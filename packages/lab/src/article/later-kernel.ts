import type { Instruction } from '../image/code.ts';
import type { FunctionSpec } from '../image/image-spec.ts';
import { breakpoint, call, jump, ret, store } from '../image/x64-code.ts';
import { compare, jumpIf } from '../image/x64-data.ts';
import { type X64FunctionOptions, x64Function } from '../image/x64-function.ts';
import { allocated, type PrologStep, pushedAll } from '../image/x64-prolog.ts';
import { systemFault } from '../run/kernel/traps.ts';
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

/** nt!MiSystemFault stops the machine in its rare parts: one for memory that is not there at all, and one for the rest. */
const stopElsewhere = systemFault([
  compare('rcx', 0x50, 4),
  jumpIf('e', 'MiSystemFault$freed'),
  jump('MiSystemFault$beyond'),
]);

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

const coldFunction = (name: keyof typeof cold): string => `MiSystemFault$${name}`;

/** Functions of the kernel of parts 2 and 3 that stand in for the usual ones, and those that are new. */
export const laterKernelFunctions: readonly FunctionSpec<PrologStep>[] = [
  stopElsewhere,
  x64Function('DbgBreakPointWithStatus', [], [breakpoint(), ret()], { exported: true, noEpilog: true }),
  bugCheckEx,
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
];
