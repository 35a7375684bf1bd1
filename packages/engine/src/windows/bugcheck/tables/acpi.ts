import { type CaseRows, type Entry, fixed, subcoded, undocumented } from '../entry.ts';
import { address, device, named, size, status, value } from '../parameters.ts';

const extension = address('the ACPI extension');
const method = address('the method');
const dataType = value('the data type returned');
const table = address('the _PRT object');
const buffer = [address('the buffer being parsed'), value('its tag')] as const;

const rows: CaseRows = {
  0x1: [
    'no interrupt for ACPI in its resources',
    extension,
    address('the resource list'),
    named('error', { 0: 'no resource list', 1: 'no interrupt in the list' }),
  ],
  0x2: [
    'the resources of a PCI root bus cannot be used',
    address('the ACPI extension of the bus'),
    value('0 or 1 list not convertible, 2 empty list, 3 no bus number, else the list that overlaps memory'),
    address('the IRP, the descriptor or the memory map, by the error'),
  ],
  0x3: [
    'a control method failed while devices are made',
    address('the ACPI object'),
    value('result of the interpreter'),
    value('name of the method, as four characters'),
  ],
  0x4: ['_PRW has no integer where one is due', extension, method, dataType],
  0x5: ['_PRW has fewer than two elements', extension, method, value('number of elements')],
  0x6: ['_PRx names an object that does not exist', extension, method, address('the name')],
  0x7: ['a method returned no buffer', extension, method, dataType],
  0x8: ['a method returned no integer', extension, method, dataType],
  0x9: ['a method returned no package', extension, method, dataType],
  0xa: ['a method returned no string', extension, method, dataType],
  0xb: [
    '_EJD names an object that does not exist',
    extension,
    value('result of the interpreter'),
    address('the name'),
  ],
  0xc: [
    'faulty information about docking',
    extension,
    method,
    named('error', { 0: 'no claim to dock', 1: 'two dock devices' }),
  ],
  0xd: [
    'a required method or object is missing',
    extension,
    value('name of the method, as four characters'),
    named('case', { 0: 'base', 1: 'conflict' }),
  ],
  0xe: [
    'a required method of a power resource is missing',
    address('the power resource'),
    value('name of the method, as four characters'),
    named('case', { 0: 'base' }),
  ],
  0xf: ['a resource descriptor cannot be parsed', ...buffer, size('its length')],
  0x10: [
    'system and device power states cannot be related',
    extension,
    named('error', {
      0: 'an unsupported system state',
      1: 'no device state for a system state',
      2: 'wake from an unsupported state',
    }),
    value('the power state'),
  ],
  0x11: [
    'ACPI mode could not be entered',
    named('error', {
      0x0: 'no interpreter',
      0x1: 'no RSDT',
      0x2: 'no memory',
      0x3: 'RSDT not loaded',
      0x4: 'definition blocks not loaded',
      0x5: 'no interrupt vector',
      0x6: 'SCI_EN never set',
      0x7: 'table with a wrong checksum',
      0x8: 'table not loaded',
      0x9: 'unsupported firmware version',
      0xa: 'no MADT',
      0xb: 'no local SAPIC in the MADT',
    }),
    address('the table, or the FADT version'),
    value('revision of its creator'),
  ],
  0x14: ['a resource descriptor is too long', ...buffer, address('where the length stands')],
  0x15: [
    'a table could not be loaded',
    address('the AML context'),
    named('error', {
      1: 'not loaded',
      2: 'path object not found',
      3: 'data not inserted',
      4: 'out of memory',
    }),
    status(),
  ],
  0x16: ['an object under one that may have none', address('the parent object'), address('the child object')],
  0x1000: [
    'an operation region claims memory of the system',
    value('physical address, high half'),
    value('physical address, low half'),
    size(),
  ],
  0x2001: ['the PIC method failed', value('interrupt model'), value('result of the interpreter'), method],
  0x10001: ['routing of an interrupt failed', device(), device('the parent device object'), table],
  0x10002: ['_PRT names a link node that does not exist', device(), address('the name'), table],
  0x10003: [
    '_PRT has no entry for a device',
    device(),
    value('PCI device in bits 0 to 5, function in bits 6 to 8'),
    table,
  ],
  0x10005: [
    'a _PRT entry names a single function',
    table,
    address('the entry'),
    value('PCI function in the low half, device in the high half'),
  ],
  0x10006: ['a link node cannot be disabled', address('the link node')],
  0x10007: ['_PRT names an interrupt vector that the MADT lacks', value('the vector')],
  0x10008: ['the level of the ACPI interrupt is not valid', value('the level')],
  0x10009: ['the FADT is missing'],
  0x1000a: ['the RSDP or XSDT is missing'],
  0x1000b: [
    'length and revision of a table do not fit',
    value('signature of the table'),
    address('the table'),
  ],
  0x1000c: ['a _DSM method for interrupts returned malformed data', value('revision'), value('function')],
  0x1000d: [
    'a device uses both GPE and GPIO interrupts',
    extension,
    value('0 no wake interrupt but GPIO, 1 a GPE that should be all ones'),
  ],
  0x1000e: [
    'the resources of a secure device differ from its table',
    status(),
    address('its path'),
    address('the resource list'),
  ],
  0x20000: ['the power management timer does not work', value('its I/O port')],
};

/** ACPI firmware and its driver. */
export const acpi: readonly Entry[] = [
  fixed(0xa3, 'no', 'The ACPI driver found a contradiction in itself; faulty firmware is possible.'),
  subcoded(0xa5, 'no', 'The firmware does not follow the ACPI specification.', 1, rows),
  fixed(
    0xe0,
    'no',
    'The firmware reports a faulty component; the parameters are its own.',
    undocumented,
    undocumented,
    undocumented,
    undocumented,
  ),
  fixed(
    0x1d0,
    'no',
    'The ACPI driver did not complete an operation in time.',
    address('the AML context'),
    address('its name'),
    address('the device extension'),
    address('triage data'),
  ),
];
