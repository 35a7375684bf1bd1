import {
  type Entry,
  fixed,
  type Parameter,
  reserved,
  undocumented,
  type Variant,
  variantOf,
  varying,
} from '../entry.ts';
import {
  access,
  address,
  contextRecord,
  exceptionCode,
  exceptionRecord,
  exceptionSentence,
  ip,
  kind,
  named,
  trapFrame,
  value,
} from '../parameters.ts';
import type { BugCheckFacts } from '../types.ts';
import { low32 } from '../values.ts';

const raisedAt = ip('the instruction that raised the exception');
const accessViolation = 0xc0000005;
const inPageError = 0xc0000006;

/** An exception code first, then these parameters; the description names the exception. */
const exception =
  (...rest: Parameter[]) =>
  ({ parameters: [code] }: BugCheckFacts): Variant =>
    variantOf([exceptionCode(), ...rest], exceptionSentence(code));

/** A bug check whose first parameter is an exception code, and the others are always these. */
const raised = (code: number, text: string, ...rest: Parameter[]): Entry => ({
  ...varying(code, 'maybe', text, exception(...rest)),
  always: variantOf([exceptionCode(), ...rest]),
});

/** The record's first two words mean something of their own for failed accesses. */
function exceptionInformation(facts: BugCheckFacts): Variant {
  const code = low32(facts.parameters[0]);
  const failedAccess = code === accessViolation || code === inPageError;
  const rest = failedAccess
    ? [access(), address('the memory that was referenced')]
    : [
        value("first word of the exception's information"),
        value("second word of the exception's information"),
      ];
  return exception(raisedAt, ...rest)(facts);
}

/** Vectors of the processor. */
const traps = {
  0x0: 'division by zero',
  0x1: 'debug trap',
  0x3: 'breakpoint instruction',
  0x4: 'overflow',
  0x5: 'bounds check',
  0x6: 'invalid instruction',
  0x7: 'no coprocessor',
  0x8: 'double fault, often a kernel stack overflow',
  0xa: 'damaged task state segment',
  0xb: 'segment not present',
  0xc: 'stack segment fault',
  0xd: 'general protection fault',
  0xf: 'reserved trap',
  0x10: 'coprocessor error',
  0x11: 'misaligned access',
};

const stackKinds = {
  0x0: 'stack of the bug check',
  0x1: 'DPC stack of a processor',
  0x2: 'stack of KeExpandKernelStackAndCallout',
  0x3: 'normal kernel stack of a thread',
  0x4: 'kernel stack during a thread switch',
  0x5: 'stack of a win32k callout',
  0x6: 'interrupt stack of a processor',
  0x7: 'stack of the kernel debugger',
  0x8: 'stack for non-maskable interrupts',
  0x9: 'stack for machine checks',
  0xa: 'exception stack of a processor',
};

/** Exceptions that nobody handled, and stacks that could not carry them. */
export const exceptions: readonly Entry[] = [
  varying(0x1e, 'maybe', 'Kernel code raised an exception that nobody handled.', exceptionInformation),
  fixed(
    0x2b,
    'maybe',
    'The kernel stack was overrun: too much stack was used, or kernel data are damaged.',
    trapFrame(),
  ),
  fixed(
    0x30,
    'maybe',
    'Code tried to set the stack pointer of a trap frame to a value below the current one.',
    value('the new stack pointer'),
    value('the old stack pointer'),
    trapFrame(),
  ),
  raised(
    0x3b,
    'A system call raised an exception in kernel code that nobody handled.',
    raisedAt,
    contextRecord(),
  ),
  fixed(
    0x3d,
    'maybe',
    'An interrupt routine raised an exception that nobody handled.',
    exceptionRecord(),
    contextRecord(),
  ),
  raised(
    0x7e,
    'A system thread raised an exception that nobody handled.',
    raisedAt,
    exceptionRecord(),
    contextRecord(),
  ),
  fixed(
    0x7f,
    'maybe',
    'The processor raised a trap that the kernel cannot handle.',
    kind('trap', traps),
    undocumented,
    undocumented,
    undocumented,
  ),
  raised(0x8e, 'Kernel code raised an exception that nobody handled.', raisedAt, trapFrame()),
  fixed(
    0x10f,
    'maybe',
    'A resource manager in kernel mode raised an exception when the transaction manager called it.',
    exceptionRecord(),
    contextRecord(),
    value('address of the exception code'),
    value('the resource manager'),
  ),
  fixed(
    0x11e,
    'maybe',
    'A file system caused more nested page faults under low memory than can be handled.',
    undocumented,
    undocumented,
    undocumented,
    undocumented,
  ),
  raised(
    0x135,
    'A driver that filters the registry raised an exception in its callback.',
    contextRecord(),
    value("the driver's callback routine"),
  ),
  fixed(0x14d, 'maybe', 'The dispatching of exceptions found itself in a state that cannot be.'),
  fixed(
    0x151,
    'maybe',
    'The processor was to run code in an instruction mode that Windows does not support.',
    ip('the instruction at which it was found'),
    trapFrame(),
  ),
  fixed(
    0x18d,
    'maybe',
    'The secure kernel reported a fault that the normal kernel could not handle.',
    value('bits: 1 execute, 2 read, 4 write against the second-level page protection; 8 double fault'),
    value('address of the fault, for some kinds'),
    exceptionRecord(),
    contextRecord(),
  ),
  fixed(
    0x1aa,
    'maybe',
    'Handling of an exception ran into a stack that is no kernel stack: the stack pointer or a frame pointer is damaged, or a driver runs on a stack of its own.',
    value('the current stack'),
    named('expected stack', stackKinds),
    contextRecord('context record of what was being unwound'),
    exceptionRecord('exception record of the exception being handled'),
  ),
  fixed(
    0x1ab,
    'maybe',
    'Unwinding ran into a stack that is no kernel stack: the stack pointer or a frame pointer is damaged, or a driver runs on a stack of its own.',
    value('the current stack'),
    named('expected stack', stackKinds),
    contextRecord('context record of what was being unwound'),
    reserved,
  ),
];
