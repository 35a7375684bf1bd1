import { type Entry, fixed, reserved, subcoded } from '../entry.ts';
import { address, process, size, status, thread, value } from '../parameters.ts';

const session = value('the session');

/** Sessions, win32k and pool that sessions leave behind. */
export const sessions: readonly Entry[] = [
  fixed(
    0xab,
    'yes',
    'A session ended while a session driver still held pool.',
    session,
    size('bytes of paged pool left'),
    size('bytes of nonpaged pool left'),
    value('allocations left: nonpaged in the upper half, paged in the lower half'),
  ),
  fixed(
    0xba,
    'no',
    'A session ended while a session driver still had views mapped.',
    session,
    value('views left'),
    address("the session's table of views"),
    size('size of the table'),
  ),
  fixed(
    0xec,
    'yes',
    'A session ended while a session driver still held special pool.',
    session,
    value('pages left'),
  ),
  fixed(
    0x137,
    'no',
    'The handle manager of win32k met a fatal error.',
    reserved,
    address('the object, if known'),
  ),
  fixed(
    0x160,
    'no',
    'A win32k function broke the rules of an atomic operation.',
    value('functions on the stack inside one'),
  ),
  subcoded(0x164, 'no', 'The win32k driver met a critical failure.', 1, {
    0x1: [
      'a region is outside its surface',
      address('the device context'),
      address('the surface'),
      address('the region'),
    ],
    0x2: ['operator new was used'],
    0x3: ['a critical API set function is missing', address('its name')],
    0x4: [
      "a sprite's shape was deleted without the sprite",
      value('handle of the surface'),
      value('references to the surface'),
      value('process that owns the surface'),
    ],
    0x5: ['a pointer device could not be opened', address('name of the device')],
    0x8: [
      'a public device context holds a private object',
      address('the device context'),
      value('process that owns the object'),
    ],
    0xa: ['an invalid function index (TTFD)'],
    0xb: ['an invalid function index (ATMFD)'],
    0xc: [
      'an invalid function index of a palette',
      address('the palette'),
      value('the index'),
      value('number of indexes'),
    ],
    0x10: [
      'the secure attention key could not be registered',
      value('the key'),
      value('its modifiers'),
      value('its flags'),
    ],
  }),
  subcoded(0x190, 'no', 'Live dump, no crash: win32k met a critical failure.', 1, {
    0x1: [
      'a region is outside its surface',
      address('the device context'),
      address('the surface'),
      address('the region'),
    ],
    0x2: ['operator new was used'],
  }),
  subcoded(0x197, 'maybe', 'The win32k driver found a failure of security.', 1, {
    0x1: [
      "an object's handle entry does not point back to it",
      address('type of the object'),
      address('the handle entry'),
      address('the object expected'),
    ],
  }),
  subcoded(0x19b, 'no', 'The terminal topology manager met a fatal error.', 1, {
    0x1: ['a terminal could not be made', status()],
  }),
  subcoded(0x19c, 'no', 'The monitor was not on in time after win32k was asked for it.', 1, {
    0x10: [
      'the queue of power requests does not move',
      thread('the thread that handles them, if any'),
      address("win32k's user lock"),
      address('the request, if any'),
    ],
    0x20: ['it asked the power manager to set the state', thread('the worker thread')],
    0x30: ['it asked GDI to power on', thread('the worker thread')],
    0x40: ['it asked the window manager to draw', thread('the worker thread')],
    0x50: ['it asked the monitor driver to power on', thread('the worker thread')],
  }),
  subcoded(0x1a0, 'no', 'An operation of a device of the terminal topology manager took too long.', 1, {
    0x1: [
      'assigning a device to a terminal',
      address('the device'),
      thread('the worker thread'),
      address('the callout'),
    ],
    0x2: ['closing a device', address('the device'), thread('the worker thread'), address('the callout')],
    0x3: [
      'setting the input mode',
      address('the device'),
      thread('the worker thread'),
      address('the callout'),
    ],
    0x4: [
      'setting the display state',
      address('the device'),
      thread('the worker thread'),
      address('the callout'),
    ],
    0x5: [
      'setting the state of the built-in panel',
      address('the device'),
      thread('the worker thread'),
      address('the callout'),
    ],
    0x6: [
      'updating the primary display',
      address('the device'),
      thread('the worker thread'),
      address('the callout'),
    ],
  }),
  fixed(0x1a1, 'no', 'Live dump, no crash: a call into win32k hangs.', thread('the thread that holds it up')),
  fixed(0x1a2, 'no', 'A call into win32k hangs.', thread('the thread that holds it up')),
  fixed(
    0x1a3,
    'no',
    'Live dump, no crash: a call did not return in time.',
    process(),
    thread(),
    value('timeout in milliseconds'),
    address('the watchdog'),
  ),
  fixed(0x1f5, 'no', 'Live dump, no crash: a program hangs and could not be ended.'),
];
