import { describe, expect, it } from 'vitest';
import { describeBugCheck } from './describe.ts';
import type { BugCheck, BugCheckFacts } from './types.ts';

type Words = readonly [string, string, string, string];

const describeOn = (
  code: number,
  parameters: BugCheckFacts['parameters'],
  { build = 19041, machine = 'x64' }: Partial<BugCheckFacts> = {},
): BugCheck => describeBugCheck({ code, parameters, build, machine });

const block = 0xffffa00112345670n;
const ip = 0xfffff80112345678n;
const tag = 0x70617257n; // 'Wrap'

/** code, parameters, meanings (with * for any text), roles, relation to pool */
const rows: [string, number, BugCheckFacts['parameters'], Words, Words, BugCheck['relatesToPool']][] = [
  [
    'IRQL_NOT_LESS_OR_EQUAL',
    0x0a,
    [8n, 2n, 0n, ip],
    [
      'the memory that was referenced',
      'IRQL 2 (DISPATCH_LEVEL)',
      '0: read',
      'the instruction that made the access',
    ],
    ['address', 'irql', 'access', 'ip'],
    'maybe',
  ],
  [
    'IRQL_NOT_LESS_OR_EQUAL',
    0x0a,
    [8n, 0xffn, 8n, ip],
    ['*', 'IRQL ff (not a level)', '8: execute', '*'],
    ['address', 'irql', 'access', 'ip'],
    'maybe',
  ],
  [
    'BAD_POOL_HEADER',
    0x19,
    [0x20n, block, block + 0xe0n, 0x40e0001n],
    [
      '20: a pool block header size is corrupt',
      'the header looked for within the page',
      'the next header',
      'reserved',
    ],
    ['subcode', 'pool-header', 'pool-header', 'reserved'],
    'yes',
  ],
  [
    'BAD_POOL_HEADER',
    0x19,
    [3n, block, block, 0n],
    [
      '3: a pool free list is damaged; in a sound one the other three parameters are equal',
      '*',
      'Flink as read back',
      'Blink as read back',
    ],
    ['subcode', 'address', 'value', 'value'],
    'yes',
  ],
  [
    'BAD_POOL_HEADER',
    0x19,
    [0x22n, block, 1n, 0n],
    [
      '22: nothing is known of the address being freed: it was freed before, or never allocated',
      'the address being freed',
      'reserved',
      'reserved',
    ],
    ['subcode', 'pool-address', 'reserved', 'reserved'],
    'yes',
  ],
  [
    'BAD_POOL_HEADER',
    0x19,
    [7n, 0n, 0n, block],
    ['7: a pool block header size is corrupt', 'reserved', 'reserved', 'the bad header'],
    ['subcode', 'reserved', 'reserved', 'pool-header'],
    'yes',
  ],
  [
    'MEMORY_MANAGEMENT',
    0x1a,
    [0x5200n, block, 1n, 2n],
    [
      '5200: a page on a list of free pool pages was changed: use after free, or an overrun from the page before',
      '*',
      '*',
      '*',
    ],
    ['subcode', 'pool-address', 'value', 'value'],
    'yes',
  ],
  [
    'MEMORY_MANAGEMENT',
    0x1a,
    [0x41792n, block, 0x2000000000n, 0n],
    [
      '41792: a page table entry is damaged',
      'the page table entry',
      'low part of its contents',
      'high part of its contents',
    ],
    ['subcode', 'pte', 'value', 'value'],
    'maybe',
  ],
  [
    'MEMORY_MANAGEMENT',
    0x1a,
    [0x402n, 1n, 2n, 3n],
    [
      '402: unknown sub-code',
      'depends on the sub-code',
      'depends on the sub-code',
      'depends on the sub-code',
    ],
    ['subcode', 'value', 'value', 'value'],
    'maybe',
  ],
  [
    'KMODE_EXCEPTION_NOT_HANDLED',
    0x1e,
    [0xffffffffc0000005n, ip, 1n, 0x10n],
    [
      'exception code c0000005 (STATUS_ACCESS_VIOLATION)',
      'the instruction that raised the exception',
      '1: write',
      'the memory that was referenced',
    ],
    ['exception-code', 'ip', 'access', 'address'],
    'maybe',
  ],
  [
    'KMODE_EXCEPTION_NOT_HANDLED',
    0x1e,
    [0xffffffff80000003n, ip, 0n, 2n],
    ['exception code 80000003 (STATUS_BREAKPOINT)', '*', '*', '*'],
    ['exception-code', 'ip', 'value', 'value'],
    'maybe',
  ],
  [
    'SYSTEM_SERVICE_EXCEPTION',
    0x3b,
    [0xc0000096n, ip, block, 0n],
    [
      'exception code c0000096 (STATUS_PRIVILEGED_INSTRUCTION)',
      '*',
      'context record: the registers at the exception',
      'reserved',
    ],
    ['exception-code', 'ip', 'context-record', 'reserved'],
    'maybe',
  ],
  [
    'PAGE_FAULT_IN_NONPAGED_AREA',
    0x50,
    [block, 2n, ip, 2n],
    [
      '*',
      '2: write',
      'the instruction that made the access, if known',
      'type of fault 2: no page table is present for the address',
    ],
    ['address', 'access', 'ip', 'value'],
    'maybe',
  ],
  [
    'KERNEL_DATA_INPAGE_ERROR',
    0x7a,
    [block, 0xffffffffc000000en, 0x2454628c0n, ip],
    [
      'the page table entry',
      'status of the read c000000e (STATUS_NO_SUCH_DEVICE)',
      'contents of the page table entry',
      '*',
    ],
    ['pte', 'ntstatus', 'value', 'address'],
    'no',
  ],
  [
    'KERNEL_DATA_INPAGE_ERROR',
    0x7a,
    [3n, 0xc000009cn, 0n, ip],
    ['lock held, type 3', 'status of the read c000009c (STATUS_DEVICE_DATA_ERROR)', 'reserved', '*'],
    ['subcode', 'ntstatus', 'reserved', 'address'],
    'no',
  ],
  [
    'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M',
    0x1000007e,
    [0xffffffffc000001dn, ip, block, block],
    [
      'exception code c000001d (STATUS_ILLEGAL_INSTRUCTION)',
      '*',
      'exception record',
      'context record: the registers at the exception',
    ],
    ['exception-code', 'ip', 'exception-record', 'context-record'],
    'maybe',
  ],
  [
    'UNEXPECTED_KERNEL_MODE_TRAP',
    0x7f,
    [8n, 1n, 2n, 3n],
    [
      'trap 8: double fault, often a kernel stack overflow',
      'not documented',
      'not documented',
      'not documented',
    ],
    ['subcode', 'value', 'value', 'value'],
    'maybe',
  ],
  [
    'DRIVER_POWER_STATE_FAILURE',
    0x9f,
    [3n, block, block, block],
    [
      '3: a device blocks an IRP for too long',
      'the physical device object of the stack',
      'triage data',
      'the blocked IRP',
    ],
    ['subcode', 'device-object', 'address', 'irp'],
    'no',
  ],
  [
    'SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION',
    0xc1,
    [block, 0x26an, 0x260n, 0x21n],
    ['the address being freed', '*', '*', '21: free of a bad address: the block would not fit in its page'],
    ['pool-address', 'size', 'size', 'subcode'],
    'yes',
  ],
  [
    'SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION',
    0xc1,
    [2n, 1n, 0x30n, 0x30n],
    ['current IRQL 2 (DISPATCH_LEVEL)', 'pool type 1 (PagedPool)', 'bytes requested', '*'],
    ['irql', 'pool-type', 'size', 'subcode'],
    'yes',
  ],
  [
    'BAD_POOL_CALLER',
    0xc2,
    [7n, 0x4a424b43n, 0x40a0018n, block],
    [
      '7: free of a block that is free already',
      'reserved',
      'contents of the header',
      'the address being freed',
    ],
    ['subcode', 'reserved', 'value', 'pool-address'],
    'yes',
  ],
  [
    'BAD_POOL_CALLER',
    0xc2,
    [0xan, block, tag, 0x20206f49n],
    ['*', '*', "tag of the allocation 'Wrap'", "tag given to the free 'Io  '"],
    ['subcode', 'pool-address', 'pool-tag', 'pool-tag'],
    'yes',
  ],
  [
    'BAD_POOL_CALLER',
    0xc2,
    [0x9bn, 0x200n, 0x100n, ip],
    ['9b: allocation with tag 0', 'pool type 200 (NonPagedPoolNx)', 'bytes requested', 'the caller'],
    ['subcode', 'pool-type', 'size', 'address'],
    'yes',
  ],
  [
    'DRIVER_VERIFIER_DETECTED_VIOLATION',
    0xc4,
    [0x62n, block, block, 3n],
    ['62: the driver unloads without freeing its pool', 'name of the driver', '*', '*'],
    ['subcode', 'driver-name', 'address', 'value'],
    'yes',
  ],
  [
    'DRIVER_VERIFIER_DETECTED_VIOLATION',
    0xc4,
    [0x40n, 0n, block, 0n],
    [
      '40: KeAcquireSpinLockAtDpcLevel below DISPATCH_LEVEL',
      'current IRQL 0 (PASSIVE_LEVEL)',
      'the spin lock',
      'reserved',
    ],
    ['subcode', 'irql', 'address', 'reserved'],
    'no',
  ],
  [
    'DRIVER_VERIFIER_DETECTED_VIOLATION',
    0xc4,
    [0x91001n, block, 0n, 0n],
    ['91001: compliance rule NdisOidComplete violated', '*', '*', '*'],
    ['subcode', 'address', 'address', 'address'],
    'no',
  ],
  [
    'DRIVER_PAGE_FAULT_BEYOND_END_OF_ALLOCATION',
    0xd6,
    [block, 0n, ip, 0n],
    ['*', '0: read', '*', 'reserved'],
    ['address', 'access', 'ip', 'reserved'],
    'yes',
  ],
  [
    'THREAD_STUCK_IN_DEVICE_DRIVER_M',
    0x100000ea,
    [block, 0n, 0n, 0n],
    ['the stuck thread', 'the watchdog', 'name of the driver', '*'],
    ['thread', 'address', 'driver-name', 'value'],
    'no',
  ],
  [
    'CRITICAL_STRUCTURE_CORRUPTION',
    0x109,
    [1n, 2n, 3n, 0x27n],
    ['reserved', 'reserved', 'reserved', '27: changed: pool, type 1'],
    ['reserved', 'reserved', 'reserved', 'subcode'],
    'yes',
  ],
  [
    'WHEA_UNCORRECTABLE_ERROR',
    0x124,
    [0n, block, 0xbe000000n, 0x800400n],
    ['0: machine check', 'the WHEA_ERROR_RECORD', 'high half of MCi_STATUS', 'low half of MCi_STATUS'],
    ['subcode', 'address', 'value', 'value'],
    'no',
  ],
  [
    'KERNEL_SECURITY_CHECK_FAILURE',
    0x139,
    [3n, block, block, 0n],
    ['3: LIST_ENTRY corrupt: a linked list is damaged, or an entry was removed twice', '*', '*', 'reserved'],
    ['subcode', 'trap-frame', 'exception-record', 'reserved'],
    'maybe',
  ],
  [
    'KERNEL_SECURITY_CHECK_FAILURE',
    0x139,
    [0x1dn, block, block, 0n],
    ['1d: RTL_BALANCED_NODE corrupt: a balanced tree is damaged, such as that of free pool', '*', '*', '*'],
    ['subcode', 'trap-frame', 'exception-record', 'reserved'],
    'maybe',
  ],
  [
    'KERNEL_MODE_HEAP_CORRUPTION',
    0x13a,
    [0x12n, block, block, 0n],
    [
      '12: invalid internal state, which use after free or an overrun of the neighbour can cause',
      'the heap that reported it, or a part of it',
      'where the VS subsegment should begin: worked out of a header, seldom the damage itself',
      'reserved',
    ],
    ['subcode', 'address', 'pool-address', 'reserved'],
    'yes',
  ],
  [
    'KASAN_ILLEGAL_ACCESS',
    0x1f2,
    [block, 4n, ip, 0x187n],
    ['the memory that was referenced', 'bytes of the access', '*', 'write; shadow 87: freed pool'],
    ['address', 'size', 'ip', 'access'],
    'yes',
  ],
  [
    'STATUS_IMAGE_CHECKSUM_MISMATCH',
    0xc0000221,
    [1n, 2n, 3n, 4n],
    ['not documented', 'not documented', 'not documented', 'not documented'],
    ['value', 'value', 'value', 'value'],
    'no',
  ],
  [
    'BUGCHECK_0x1e0',
    0x1e0,
    [1n, 2n, 3n, 4n],
    ['not documented', 'not documented', 'not documented', 'not documented'],
    ['value', 'value', 'value', 'value'],
    'maybe',
  ],
];

describe('describeBugCheck', () => {
  it.each(rows)('%s (%i)', (name, code, parameters, meanings, roles, pool) => {
    const found = describeOn(code, parameters);
    expect(found.name).toBe(name);
    expect(found.code).toBe(code);
    expect(found.roles).toEqual(roles);
    expect(found.meanings).toEqual(
      meanings.map((meaning, index) => (meaning === '*' ? found.meanings[index] : meaning)),
    );
    expect(found.relatesToPool).toBe(pool);
  });

  it('gives an M code the text of its base code', () => {
    const words: BugCheckFacts['parameters'] = [0xc0000005n, ip, block, block];
    const { name, code, baseCode, ...rest } = describeOn(0x1000007e, words);
    expect(rest).toEqual(expect.objectContaining({ description: describeOn(0x7e, words).description }));
    expect([name, code, baseCode]).toEqual(['SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M', 0x1000007e, 0x7e]);
  });

  it('names the exception in the description', () => {
    expect(describeOn(0x3b, [0xc0000005n, ip, block, 0n]).description).toBe(
      'A system call raised an exception in kernel code that nobody handled. The exception is STATUS_ACCESS_VIOLATION: invalid memory access.',
    );
    expect(describeOn(0x3b, [0xc0123456n, ip, block, 0n]).description).toBe(
      'A system call raised an exception in kernel code that nobody handled.',
    );
    expect(describeOn(0x3b, [0xc0123456n, ip, block, 0n]).meanings[0]).toBe(
      'exception code c0123456 (unknown)',
    );
  });

  it('tells name-only codes from codes that nobody named', () => {
    expect(describeOn(0x65, [0n, 0n, 0n, 0n]).description).toMatch(/^Only the name/);
    expect(describeOn(0x1e0, [0n, 0n, 0n, 0n]).description).toMatch(/no public name/);
  });

  it('names IRQLs by machine', () => {
    const level = (irql: bigint, machine: BugCheckFacts['machine']) =>
      describeOn(0x4a, [ip, irql, 0n, 0n], { machine }).meanings[1];
    expect(level(0x1fn, 'x86')).toBe('current IRQL 1f (HIGH_LEVEL)');
    expect(level(0xfn, 'x64')).toBe('current IRQL f (HIGH_LEVEL)');
    expect(level(0xdn, 'arm64')).toBe('current IRQL d (CLOCK_LEVEL)');
    expect(level(0x1bn, 'x64')).toBe('current IRQL 1b (not a level)');
    expect(level(5n, 'x64')).toBe('current IRQL 5 (above DISPATCH_LEVEL)');
  });

  it('reads pool types with flags by their first bit, and tags with odd bytes', () => {
    expect(describeOn(0xc2, [0n, 0n, 0x409n, 0x70617257n]).meanings[2]).toBe(
      'pool type 409 (paged, with flags)',
    );
    expect(describeOn(0xc2, [0n, 0n, 0x408n, 0x8070017en]).meanings.slice(2)).toEqual([
      'pool type 408 (nonpaged, with flags)',
      "pool tag '~.p.'",
    ]);
  });

  it('decodes what two parameters decide together', () => {
    expect(describeOn(0x93, [4n, 0n, 0n, 0n]).meanings[1]).toBe('0: a protected handle was closed');
    expect(describeOn(0x93, [4n, block, 0n, 1n]).meanings[1]).toBe('the handle table');
    expect(describeOn(0x12b, [block, 5n, 0n, 0n]).roles[1]).toBe('pfn');
    expect(describeOn(0x12b, [1n, 5n, block, block]).roles[1]).toBe('size');
    expect(describeOn(0x77, [1n, 0n, 0n, block]).meanings[0]).toBe('source 1: the page came from disk');
    expect(describeOn(0x77, [0xc000009cn, 0xc000009cn, 0n, 0n]).roles.slice(0, 2)).toEqual([
      'ntstatus',
      'ntstatus',
    ]);
    expect(describeOn(0x7a, [1n, 0xc000009an, block, ip]).roles[2]).toBe('process');
    expect(describeOn(0x7a, [4n, 0xc000009an, block, ip]).meanings[2]).toBe('the InPageSupport structure');
    expect(describeOn(0xc8, [0x020001n, ip, block, 0n]).meanings).toEqual([
      'IRQL 2 (DISPATCH_LEVEL), expected 0 (PASSIVE_LEVEL), place 1',
      'KernelRoutine of the APC',
      'the APC',
      'NormalRoutine of the APC',
    ]);
    expect(describeOn(0x159, [0x3001n, 0xc0000005n, 1n, 2n]).roles[1]).toBe('ntstatus');
    expect(describeOn(0xf4, [3n, block, block, block]).roles[1]).toBe('process');
    expect(describeOn(0xf4, [6n, block, block, block]).roles[1]).toBe('thread');
  });

  it('relates sanitizer reports to pool by the shadow of the memory', () => {
    const relation = (shadow: bigint) => describeOn(0x1f2, [block, 1n, ip, shadow]).relatesToPool;
    expect([0x86n, 0x87n, 0x8dn].map(relation)).toEqual(['yes', 'yes', 'yes']);
    expect([0xf1n, 0x84n].map(relation)).toEqual(['no', 'no']);
    expect([0x85n, 0x03n].map(relation)).toEqual(['maybe', 'maybe']);
  });

  it('takes signed codes and parameters', () => {
    expect(describeOn(-0x3fffffdf + 0x200, [0n, 0n, 0n, 0n]).code).toBe(0xc0000221);
    expect(describeOn(0x7e, [-0x3ffffffbn, ip, block, block]).meanings[0]).toBe(
      'exception code c0000005 (STATUS_ACCESS_VIOLATION)',
    );
  });
});
