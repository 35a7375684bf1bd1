/** What the debugger calls the exceptions that it can stop at. Source: its documentation of exceptions and events (sx). */
const eventNames: Readonly<Record<number, string>> = {
  0x40010005: 'Control-C exception',
  0x80000001: 'Guard page violation',
  0x80000002: 'Data misaligned',
  0x80000003: 'Break instruction exception',
  0x80000004: 'Single step exception',
  0xc0000005: 'Access violation',
  0xc0000006: 'In-page I/O error',
  0xc0000008: 'Invalid handle',
  0xc000001d: 'Illegal instruction',
  0xc000001e: 'Invalid lock sequence',
  0xc0000094: 'Integer divide-by-zero',
  0xc0000095: 'Integer overflow',
  0xc00000fd: 'Stack overflow',
  0xc0000194: 'Possible deadlock',
  0xc0000409: 'Security check failure or stack buffer overrun',
  0xc0000420: 'Assertion failure',
};

/** `Access violation`; undefined for exceptions without a name of their own in the debugger. */
export const exceptionEventName = (code: number): string | undefined => eventNames[code >>> 0];
