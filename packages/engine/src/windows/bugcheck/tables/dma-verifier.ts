import { type CaseRows, type Entry, subcoded } from '../entry.ts';
import { address, device, named, size, value } from '../parameters.ts';

const adapter = address('the DMA adapter');
const internal = address("the verifier's own record");
const mdl = address('the MDL');
const freed = (what: string) =>
  [`too many ${what} were freed, perhaps one twice`, value('freed in excess')] as const;
const unfreed = (what: string) =>
  [`the adapter was released before its ${what}`, adapter, value('left over'), internal] as const;
const bufferDetail = value('buffer length or start, or place of the change, by the violation');

const bufferViolations = {
  1: 'the mark before the buffer was changed',
  2: 'the mark behind the buffer was changed',
  3: 'a free map register was changed',
  4: 'the padding before the buffer was changed',
  5: 'the padding behind the buffer was changed',
};
const rangeViolations = {
  1: 'the address lies before the MDL',
  2: 'the address lies behind the MDL',
  3: 'the transfer crosses a page behind the MDL',
  4: 'the address is not aligned to the cache',
  5: 'the length is not aligned to the cache',
};

const rows: CaseRows = {
  0x0: [
    'an error in a transfer',
    named('error', { 1: 'too many bytes were flushed', 2: 'no map registers are left in a row' }),
    value('bytes left in the MDL, or registers needed'),
    value('bytes to be flushed, or registers in a row'),
  ],
  0x1: ['the performance counter went back'],
  0x2: ['the performance counter went on too fast'],
  0x3: freed('common buffers'),
  0x4: freed('adapter channels'),
  0x5: freed('map registers'),
  0x6: [
    'too many scatter/gather lists were freed, perhaps one twice',
    value('lists allocated'),
    value('lists freed'),
  ],
  0x7: unfreed('common buffers'),
  0x8: unfreed('channels, common buffers or lists'),
  0x9: unfreed('map registers'),
  0xa: unfreed('scatter/gather lists'),
  0xb: ['more than one adapter channel at a time', value('channels in use')],
  0xc: ['too many map registers at a time', value('registers needed'), value('registers allowed')],
  0xd: [
    'the adapter buffers were not flushed',
    size('bytes mapped'),
    size('bytes that can be mapped at a time'),
  ],
  0xe: ['a transfer to pageable memory that is not locked', mdl],
  0xf: [
    'a write outside the buffer, by driver or hardware',
    named('violation', bufferViolations),
    bufferDetail,
    bufferDetail,
  ],
  0x10: ['map registers were freed while some are mapped', value('registers still mapped')],
  0x11: ['too many references to the adapter', value('references'), adapter, internal],
  0x13: [
    'a DMA routine at a wrong IRQL',
    named('violation', { 1: 'another IRQL is needed', 2: 'the IRQL is too high' }),
    value('IRQL expected, or the highest'),
    value('current IRQL'),
  ],
  0x14: ['a DMA routine at a wrong IRQL'],
  0x15: ['too many map registers were allocated', value('registers allocated'), value('registers allowed')],
  0x16: ['a buffer was flushed that is not mapped', address('address of the map register'), internal],
  0x18: ['an adapter was used that is released', adapter, internal],
  0x19: ['a NULL adapter'],
  0x1b: ['an address outside its MDL', address('the address'), mdl],
  0x1d: [
    'a range was mapped that is mapped already',
    address('start of the buffer'),
    address('end of the buffer'),
    address('the address mapped already'),
  ],
  0x1e: ['HalGetAdapter, which is obsolete'],
  0x1f: [
    'an invalid buffer',
    named('violation', rangeViolations),
    value('address, length or MDL, by the violation'),
    value('MDL or length, by the violation'),
  ],
  0x20: [
    'a map register was flushed that is not mapped',
    address('base of the map registers'),
    address('start of the buffer'),
    mdl,
  ],
  0x21: ['a buffer of length zero', internal],
  0x22: ['the buffer is not mapped in system space', mdl],
  0x23: [
    'a channel was flushed that is neither complete nor cancelled',
    value('violation'),
    value('the controller'),
    value('the channel'),
  ],
  0x24: ['the buffer is too small', size('bytes that do not fit')],
  0x25: ['an unknown version of the device description'],
  0x26: [
    'the IOMMU caught a transfer to memory that the device may not touch',
    device('the device object'),
    value('the faulting physical address, in most cases'),
    value('type of the fault, by the hardware'),
  ],
};

/** DMA: Driver Verifier, the IOMMU, and the DMA library. */
export const dmaVerifier: readonly Entry[] = [
  subcoded(0xe6, 'maybe', 'A driver or device broke a rule of DMA.', 1, rows),
  subcoded(0x1dc, 'no', 'A driver misused the vectored common buffers of DMA.', 1, {
    0x1: ['wrong IRQL', value('current IRQL')],
    0x2: [
      'the vector is not empty',
      value('index of a buffer left'),
      address('its virtual address'),
      address('its logical address'),
    ],
    0x3: ['the index is out of bounds', value('entries available'), value('the index')],
    0x4: ['the index was freed', value('the index')],
    0x5: ['a common buffer leaked'],
  }),
];
