import { type CaseRows, group, reserved } from '../entry.ts';
import {
  address,
  driverName,
  irp,
  irql,
  poolBlock,
  poolHeader,
  poolTag,
  poolType,
  size,
  value,
} from '../parameters.ts';

const current = irql('current IRQL');
const freed = poolBlock('the block being freed');
const base = poolBlock('the block');
const charged = size('bytes charged for the block');
const overrun = 'free of a block after a write behind its end (pool tracking)';
const tracking = 'free of a block whose tracking data are damaged';
const leaked = [
  size('bytes left in paged pool'),
  size('bytes left in nonpaged pool'),
  value('allocations left'),
] as const;

const poolRows: CaseRows = {
  0x00: ['allocation of zero bytes', current, poolType(), size('bytes requested')],
  0x01: ['paged allocation above APC_LEVEL', current, poolType(), size('bytes requested')],
  0x02: ['nonpaged allocation above DISPATCH_LEVEL', current, poolType(), size('bytes requested')],
  0x03: ['allocation of more than one page of must-succeed pool'],
  0x10: ['free of an address that no allocation returned', poolBlock('the bad address')],
  0x11: ['free of paged pool above APC_LEVEL', current, poolType(), freed],
  0x12: ['free of nonpaged pool above DISPATCH_LEVEL', current, poolType(), freed],
  0x13: ['free of a block that is free already', reserved, poolHeader(), value('contents of the header')],
  0x14: ['free of a block that is free already', reserved, poolHeader(), value('contents of the header')],
  0x15: ['free of a block that holds an active timer', address('the timer'), poolType(), freed],
  0x16: ['free of a bad address, or bad arguments to a memory routine', reserved, poolBlock('the address')],
  0x17: ['free of a block that holds an active ERESOURCE', address('the resource'), poolType(), freed],
  0x51: [overrun, base, address('the address written to behind it'), charged],
  0x52: [overrun, base, value('hash entry'), charged],
  0x53: [overrun, base, poolHeader('the header')],
  0x54: [overrun, base, reserved, value('size of the hash table')],
  0x59: [overrun, base, value('list index')],
  0x60: ['the driver unloads without freeing its pool', ...leaked],
  0x61: ['the driver allocates pool while it unloads', ...leaked],
  0x62: [
    'the driver unloads without freeing its pool',
    driverName(),
    address('reserved; in practice the record of the driver'),
    value('allocations left, paged and nonpaged'),
  ],
  0xcc: [
    'free of a block that holds an active lookaside list',
    address('the list'),
    poolBlock('start of the block'),
    size('size of the block'),
  ],
  0xd2: [
    'free of a block that holds an active ERESOURCE',
    address('the resource'),
    poolBlock('start of the block'),
    size('size of the block'),
  ],
  0x105: ['an IRP was freed by ExFreePool instead of IoFreeIrp', irp()],
  0x10a: ['pool quota was to be charged to the idle process'],
  0x10b: ['pool quota was to be charged from a DPC, where the current process is not defined'],
  0x13a: [tracking, freed, value('the wrong value'), address('where it stands')],
  0x13b: [tracking, freed, address('where the wrong value stands'), address('pointer to the wrong page')],
  0x13c: [tracking, freed, value('the wrong value'), address('where it stands')],
  0x13d: [tracking, freed, address('where the wrong value stands'), value('the value expected')],
  0x13e: [
    'free of another address than the one tracked',
    poolBlock('the address given'),
    poolBlock('the address tracked'),
    address('where the tracked address stands'),
  ],
  0x13f: [
    'free of another size than the one tracked',
    freed,
    size('bytes being freed'),
    address('where the tracked size stands'),
  ],
  0x2000: [
    'executable pool was requested instead of NonPagedPoolNx',
    address("the driver's code"),
    poolType(),
    poolTag(),
  ],
};

/** 0xC4: what Driver Verifier finds about pool. */
export const verifierPool = group('yes', poolRows);
