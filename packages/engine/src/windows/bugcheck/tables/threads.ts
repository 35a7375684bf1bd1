import { type Entry, fixed, type Parameter, subcoded, variantOf, varying } from '../entry.ts';
import { address, irql, kind, named, poolBlock, process, thread, value } from '../parameters.ts';
import { hex, irqlName } from '../values.ts';

const routine = address('the worker routine');
const argument = value('argument of the worker routine');
const workItem = poolBlock('the work item');
const apcs = "the thread's APC disable count";

/** 0xC8 packs three bytes into parameter 1; the lowest says what the other parameters are. */
const unexpectedIrql: Parameter = {
  role: 'value',
  text: 'current and expected IRQL',
  read: (packed, { machine }) => {
    const level = (shift: bigint) =>
      `${hex((packed >> shift) & 0xffn)} (${irqlName((packed >> shift) & 0xffn, machine)})`;
    return `IRQL ${level(16n)}, expected ${level(8n)}, place ${hex(packed & 0xffn)}`;
  },
};

const irqlPlaces: Readonly<Record<number, readonly Parameter[]>> = {
  0x0: [address('KernelRoutine of the APC'), address('the APC'), address('NormalRoutine of the APC')],
  0x1: [address('KernelRoutine of the APC'), address('the APC'), address('NormalRoutine of the APC')],
  0x2: [address('the callout routine'), value('argument of the callout')],
  0x3: [address('the interrupt routine'), address('the interrupt object')],
  0xfe: [value('1 when APCs are disabled')],
};

/** Threads, processes, worker threads, interrupts and their IRQL. */
export const threads: readonly Entry[] = [
  fixed(
    0x1,
    'no',
    'A system call or worker routine returned with another number of APC disables than it came with.',
    address('the system call or worker routine'),
    value("the thread's ApcStateIndex"),
    value(`${apcs}s, special and kernel`),
    named('kind', { 0: 'system call', 1: 'worker routine' }),
  ),
  fixed(
    0x5,
    'no',
    'A thread was attached to a process where it may not be.',
    address("the target process's dispatcher object, or that of the original process"),
    address('dispatcher object of the process it is attached to'),
    value('APC state index'),
    value('not zero when a DPC runs'),
  ),
  fixed(0x0c, 'no', 'A thread waits for more objects than a thread may.'),
  fixed(
    0x20,
    'no',
    'A thread exited with an APC still pending.',
    address('the APC'),
    value(apcs),
    irql('current IRQL'),
  ),
  fixed(0x39, 'no', 'A worker routine returned while it owned a mutex.', routine, argument, workItem),
  fixed(
    0x4a,
    'no',
    'A system call was about to return to user mode above PASSIVE_LEVEL.',
    address('the system call routine'),
    irql('current IRQL'),
  ),
  fixed(0x94, 'no', 'A thread exited with its kernel stack locked in memory.'),
  fixed(
    0x96,
    'maybe',
    'A queue entry was removed whose link is NULL, mostly a work item that was queued twice or freed.',
    address('the queue entry'),
    address('the queue'),
    address('base of the worker queues'),
    address('the worker routine, if it is a worker queue'),
  ),
  fixed(
    0xb8,
    'no',
    'A DPC tried to wait, to attach to a process, or to yield.',
    thread('the original thread'),
    thread('the new thread'),
    address('stack of the original thread'),
  ),
  subcoded(
    0xc7,
    'maybe',
    'A timer or DPC is where none may be: most likely in memory that its driver frees.',
    1,
    {
      0x0: [
        'a timer lies in the memory',
        address('the timer'),
        address('start of the memory'),
        address('end of the memory'),
      ],
      0x1: [
        'a DPC object lies in the memory',
        address('the DPC'),
        address('start of the memory'),
        address('end of the memory'),
      ],
      0x2: [
        'a DPC routine lies in the memory',
        address('the routine'),
        address('start of the memory'),
        address('end of the memory'),
      ],
      0x3: [
        'a DPC names a processor that does not exist',
        address('the DPC'),
        value('the processor'),
        value('number of processors'),
      ],
      0x4: [
        `a DPC routine changed ${apcs}`,
        address('the routine'),
        value('the count before'),
        value('the count after'),
      ],
      0x5: [
        `a timer DPC routine changed ${apcs}`,
        address('the routine'),
        value('the count before'),
        value('the count after'),
      ],
    },
  ),
  varying(
    0xc8,
    'no',
    'The IRQL is wrong at this point: code raised it and did not lower it again.',
    ({ parameters: [packed] }) =>
      variantOf([
        unexpectedIrql,
        ...(irqlPlaces[Number(packed & 0xffn)] ?? [
          value('depends on the place'),
          value('depends on the place'),
          value('depends on the place'),
        ]),
      ]),
  ),
  fixed(0xdf, 'no', 'A work item ended while it impersonated another user.', routine, argument, workItem),
  fixed(
    0xe1,
    'no',
    'A worker routine returned at DISPATCH_LEVEL or above.',
    routine,
    irql('IRQL at the return'),
    argument,
    workItem,
  ),
  subcoded(0xe4, 'maybe', 'A work item is where none may be, or in use where it may not be.', 1, {
    0x0: [
      'an active work item was freed',
      workItem,
      poolBlock('start of the pool block'),
      address('end of the pool block'),
    ],
    0x1: ['an active work item was queued', workItem, value('number of the queue')],
    0x2: ['a queued I/O work item was freed', workItem, address('its routine')],
    0x3: ['an I/O work item was made for an invalid object', workItem, address('the object')],
    0x5: [
      'a work item was queued before the queues exist',
      workItem,
      value('number of the queue'),
      value('NUMA node, or -1 for all'),
    ],
    0x6: ['a work item was queued with an invalid queue type', workItem, value('number of the queue')],
    0x7: ['a work item was queued with an invalid routine', workItem, value('number of the queue')],
  }),
  subcoded(0xe7, 'no', 'The floating point state saved for a thread is bad.', 1, {
    0x0: ['the flags are not valid', value('the flags')],
    0x1: ['the IRQL is another than when it was saved', irql('IRQL when saved'), irql('current IRQL')],
    0x2: ['it belongs to another thread', thread('the thread that saved it'), thread('the current thread')],
  }),
  fixed(0xe9, 'no', 'A worker thread of the executive is being ended.', thread()),
  fixed(
    0xef,
    'no',
    'A process without which Windows cannot run has ended.',
    process(),
    named('kind of end', { 0: 'of a process', 1: 'of a thread' }),
  ),
  subcoded(0xf4, 'no', 'A process or thread without which Windows cannot run has ended.', 1, {
    0x3: ['a process', process(), address('image name of the process'), address('text that explains it')],
    0x6: ['a thread', thread(), address('image name of the process'), address('text that explains it')],
  }),
  fixed(
    0x11b,
    'no',
    'A cancel routine returned with the cancel spin lock held.',
    poolBlock('the IRP, perhaps no longer valid'),
    address('the cancel routine'),
    value('not documented'),
    value('not documented'),
  ),
  fixed(
    0x128,
    'no',
    'A worker routine changed the I/O priority of its thread.',
    routine,
    value('current I/O priority'),
    argument,
    workItem,
  ),
  fixed(
    0x129,
    'no',
    'A worker routine changed the paging I/O priority of its thread.',
    routine,
    value('current paging I/O priority'),
    argument,
    workItem,
  ),
  subcoded(0x131, 'no', 'Extended processor state was saved or restored wrongly.', 1, {
    0x0: [
      'invalid mask of features, or extended state not enabled',
      value('not zero when enabled'),
      value('low half of the mask'),
      value('high half of the mask'),
    ],
    0x1: ['above DISPATCH_LEVEL', irql()],
    0x2: ['the saved state is of an equal or higher level', value('level saved'), value('current level')],
    0x3: [
      'the saved state is of another thread',
      thread('the thread that saved it'),
      thread('the current thread'),
    ],
    0x4: ['the saved state is of another level', value('level saved'), value('current level')],
  }),
  fixed(
    0x13b,
    'no',
    'A passive-level interrupt was used where it may not be.',
    kind('error', { 1: 'its spin lock was to be acquired' }),
    address('the interrupt object'),
  ),
  fixed(0x13c, 'no', 'A thread exited with an I/O boost.', thread(), value('the boost, or a throttle count')),
  fixed(
    0x157,
    'no',
    'The priority floor of a thread was used wrongly.',
    thread(),
    value('the priority'),
    named('violation', {
      1: 'the counter overflowed',
      2: 'the counter underflowed',
      3: 'the priority is not valid',
    }),
  ),
  fixed(
    0x15b,
    'no',
    'A worker routine left the system page priority on.',
    routine,
    value('the page priority'),
    argument,
    workItem,
  ),
  fixed(
    0x163,
    'no',
    'A test of the worker threads failed.',
    value('active tests'),
    value('the test that failed'),
  ),
  fixed(0x199, 'no', 'A storage slot was to be freed that is in use.', address('the array of slots')),
  fixed(0x19a, 'no', 'A worker routine returned while attached to a silo.', routine, argument, workItem),
  fixed(
    0x1c5,
    'no',
    'Live dump, no crash: a thread pool of the kernel is in a deadlock.',
    named('pool', { 0: 'untrusted' }),
    address('the work queue'),
  ),
  fixed(
    0x1cb,
    'no',
    'A thread exited without leaving a silo.',
    thread(),
    address('the silo'),
    process("the thread's process"),
  ),
  subcoded(0x1d2, 'no', 'A worker thread of the executive is in an invalid state.', 1, {
    0x0: ['it ends with I/O outstanding', thread('the worker thread')],
  }),
  fixed(
    0x1d6,
    'no',
    'A worker routine changed the workload class of its thread.',
    routine,
    value('the workload class'),
    argument,
    workItem,
  ),
  fixed(0x4000008a, 'no', 'A thread ended while it held a mutex.', thread(), address('the mutex')),
];
