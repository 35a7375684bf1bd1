import {
  type CaseRows,
  type Entry,
  fixed,
  type Parameter,
  reserved,
  subcoded,
  undocumented,
  type Variant,
  variantOf,
  varying,
} from '../entry.ts';
import { address, device, ip, kind, named, process, status, trapFrame, value } from '../parameters.ts';
import type { BugCheckFacts } from '../types.ts';

const record = address('the WHEA_ERROR_RECORD');
const since = value('time since the watchdog was set');
const sources = {
  0x0: 'machine check',
  0x1: 'corrected machine check',
  0x2: 'corrected platform error',
  0x3: 'non-maskable interrupt',
  0x4: 'PCI Express',
  0x5: 'generic',
  0x6: 'INIT',
  0x7: 'boot',
  0x8: 'SCI',
  0x9: 'Itanium machine check abort',
  0xa: 'Itanium machine check',
  0xb: 'Itanium corrected platform error',
};
const sourceType = named('type of the source', sources);

const wheaRows: CaseRows = {
  0x0: ['machine check', record, value('high half of MCi_STATUS'), value('low half of MCi_STATUS')],
  0x1: ['corrected machine check', record],
  0x2: ['corrected platform error', record],
  0x3: ['non-maskable interrupt', record],
  0x4: ['uncorrectable PCI Express error', record],
  0x5: ['generic hardware error', record],
  0x6: ['error of an initialisation', record],
  0x7: ['boot error', record],
  0x8: ['generic error by SCI', record],
  0x9: ['Itanium machine check abort', record, value('length of the SAL log'), address('the SAL log')],
  0xa: ['corrected Itanium machine check', record],
  0xb: ['corrected Itanium platform error', record],
  0xc: ['other error source, version 2', record],
  0xd: ['generic ACPI error source by SCI, version 2', record],
  0xe: ['error of the baseboard management controller', record],
  0xf: ['error of persistent memory', record],
  0x10: ['error reported by a device driver', record],
  0x11: ['Arm synchronous external abort', record],
  0x12: ['Arm SError interrupt', record],
};

/** 0x159: a vendor code 0x3xxx has a form of its own. */
function iommuFault({ parameters: [vendor] }: BugCheckFacts): Variant {
  const code = value('the vendor');
  if (vendor >> 12n === 3n)
    return variantOf([
      code,
      status(),
      value('the address space number'),
      value('base of the page directory'),
    ]);
  return variantOf([
    code,
    address('the fault packet'),
    value('data of the vendor'),
    value('data of the vendor'),
  ]);
}

const blockedOperation = named('operation', {
  1: 'read of an MSR',
  2: 'write of an MSR',
  3: 'read of an I/O port',
  4: 'write of an I/O port',
  5: 'registration of an idle state',
});

const watchdog: readonly Parameter[] = [
  since,
  value('current interrupt time'),
  value('current performance counter'),
  value('index of the clock processor'),
];

/** Processors, memory, buses, firmware and the watchdogs over them. */
export const hardware: readonly Entry[] = [
  fixed(
    0x2e,
    'no',
    'A parity error in system memory: nearly always faulty hardware.',
    address('the virtual address'),
    value('the physical address'),
    value('processor status'),
    ip('the instruction'),
  ),
  fixed(0x3e, 'no', 'The processors of the machine differ from each other.'),
  fixed(0x5d, 'no', 'This processor is not supported.'),
  fixed(
    0x79,
    'no',
    'The hardware abstraction layer does not fit the kernel or the machine.',
    kind('mismatch', { 1: 'release level', 2: 'build type', 3: 'loader' }),
    value("the kernel's level or type, or a size"),
    value("the HAL's level or type, or a version"),
    value('for a loader the minor version'),
  ),
  fixed(
    0x80,
    'no',
    'A non-maskable interrupt reports a hardware failure.',
    undocumented,
    undocumented,
    undocumented,
    undocumented,
  ),
  fixed(
    0x92,
    'no',
    'A driver for single-processor machines was loaded on a machine with several.',
    address('base of the driver'),
  ),
  // The form of processors with banks of machine check registers: all but the oldest x86 ones.
  fixed(
    0x9c,
    'no',
    'A fatal machine check, reported without the error architecture of Windows.',
    value('the register bank'),
    address('the MCA_EXCEPTION'),
    value('high half of MCi_STATUS'),
    value('low half of MCi_STATUS'),
  ),
  fixed(
    0xf2,
    'no',
    'A device keeps its interrupt raised.',
    address('the interrupt routine'),
    value('its context'),
    address('the interrupt object'),
    named('routine', { 1: 'not chained', 2: 'chained' }),
  ),
  fixed(
    0x101,
    'no',
    'A processor does not answer clock interrupts: it hangs or is deadlocked.',
    value('timeout in clock ticks'),
    reserved,
    address('PRCB of the processor'),
    value('index of the processor'),
  ),
  fixed(
    0x102,
    'no',
    'The DPC watchdog of a processor did not run in time: an interrupt or DPC routine hangs.',
    value('timeout in clock ticks'),
    address('PRCB of the processor'),
  ),
  fixed(
    0x111,
    'no',
    'A non-maskable interrupt came during another one, by an error of the firmware.',
    undocumented,
    undocumented,
    undocumented,
    undocumented,
  ),
  subcoded(
    0x122,
    'no',
    'The hardware error architecture of Windows failed, by a vendor plug-in or the firmware.',
    1,
    {
      0x1: ['no memory for the error sources of the table', value('size of memory'), value('error sources')],
      0x2: ['no memory for a record of each processor', value('processors')],
      0x5: ['no memory for error sources, or their listing failed', status(), value('phase')],
      0x6: ['an error source did not initialise', status(), value('phase'), sourceType],
      0x7: ['no memory', status()],
      0x8: ['no memory for the descriptors of error sources', value('error sources')],
      0x9: ['an error of an invalid source', sourceType, value('the source')],
      0xa: ['no record for an error', sourceType, value('the source')],
      0xb: ['the record of an error could not be filled', sourceType, value('the source')],
    },
  ),
  subcoded(0x124, 'no', 'The hardware reported a fatal error.', 1, wheaRows),
  fixed(0x130, 'no', 'A processor added at run time does not fit the machine.'),
  subcoded(0x133, 'no', 'Code ran too long at DISPATCH_LEVEL or above.', 1, {
    0x0: [
      'a single DPC or interrupt routine took too long',
      value('ticks it took'),
      value('ticks allowed'),
      address('triage data'),
    ],
    0x1: [
      'the system as a whole stayed too long at DISPATCH_LEVEL or above',
      value('watchdog period'),
      address('triage data'),
    ],
  }),
  fixed(0x147, 'no', 'The machine was reset without a crash; nothing was saved.'),
  fixed(
    0x14b,
    'no',
    'A subsystem of the chip failed.',
    address('the failure details'),
    reserved,
    reserved,
    address('data of the vendor, if any'),
  ),
  fixed(
    0x14c,
    'no',
    'The machine was reset by a hardware watchdog, a key sequence, low voltage, or a crash that failed.',
  ),
  fixed(
    0x14e,
    'no',
    'A critical device of the chip was removed or failed.',
    value('id of the device, as four characters'),
  ),
  fixed(
    0x158,
    'no',
    'A device sent a page fault for an address space that is not in use.',
    value('the address space number'),
    value('address spaces in use'),
    process('its process'),
    value('references to it'),
  ),
  varying(
    0x159,
    'no',
    'A device touched an address space that is being freed: its driver did not complete all requests.',
    iommuFault,
  ),
  fixed(
    0x15d,
    'no',
    'Live dump, no crash: a subsystem of the chip failed.',
    address('the failure details'),
    reserved,
    reserved,
    address('data of the vendor, if any'),
  ),
  fixed(0x175, 'no', 'Live dump, no crash: an earlier start ended by an abnormal reset.'),
  fixed(
    0x17e,
    'no',
    'The processors run different microcode, by faulty firmware.',
    value('signature of the processor'),
    value('microcode expected'),
    value('microcode found'),
    value('index of the processor'),
  ),
  fixed(0x1ca, 'no', 'The system does not process timer ticks: it hangs.', ...watchdog),
  fixed(0x1cf, 'no', 'The system does not process timer ticks: it hangs.', ...watchdog),
  subcoded(0x1d9, 'no', 'The IOMMU library met an error.', 1, {
    0x0: ['a domain could not be deleted', status(), address('the domain')],
    0x1: ['pages could not be unmapped', status(), address('the domain'), value('the logical address')],
    0x2: ['a domain could not be left', status(), address('the domain')],
  }),
  subcoded(0x1da, 'no', 'The library of blocked processors met an error.', 1, {
    0x1: ['it did not initialise', status()],
    0x2: ['a processor did not start', value('the processor'), value('its APIC id')],
    0x3: ['a package id is not known', value('the processor')],
    0x4: ['a power operation failed', blockedOperation, value('the processor'), address('the mailbox')],
    0x5: ['an exception on a blocked processor', value('the processor'), value('the vector'), trapFrame()],
    0x6: [
      'a power operation took too long',
      blockedOperation,
      value('the processor'),
      address('the mailbox'),
    ],
  }),
  fixed(
    0x1db,
    'no',
    'A processor is stuck in a request to other processors.',
    value('counter frequency'),
    value('current counter'),
    value('counter at the start'),
  ),
  fixed(
    0x1df,
    'no',
    'A processor did not start in time.',
    address('the processor state'),
    reserved,
    value('the processor number'),
    value('its local unit'),
  ),
  fixed(
    0x1e9,
    'no',
    'A driver enabled address translation on a device that shares virtual memory already.',
    device(),
  ),
  fixed(0x20001, 'no', 'The hypervisor met a fatal error.'),
];
