import { describe, expect, it } from 'vitest';
import { DebuggerError } from '../base/index.ts';
import { decodeHeader } from './header.ts';

/** A 64-bit header with every byte filled as Windows fills it. */
function header64(): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(0x2000);
  for (let at = 0; at < bytes.length; at++) bytes[at] = 'PAGE'.charCodeAt(at & 3);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 0x34365544, true); // DU64
  view.setUint32(0x30, 0x8664, true);
  return { bytes, view };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof DebuggerError ? error.code : String(error);
  }
  return 'no error';
}

describe('decodeHeader', () => {
  it('reads the fields of a 64-bit header', () => {
    const { bytes, view } = header64();
    view.setUint32(0x0c, 19041, true);
    view.setBigUint64(0x10, 0x1aa123n, true);
    view.setBigUint64(0x20, 0xfffff80012345678n, true);
    view.setUint32(0x38, 0x1000007e, true);
    view.setBigUint64(0x40 + 24, 0xdeadn, true);
    view.setUint32(0xf98, 4, true);
    view.setBigUint64(0x1030, 1_513_000_000n, true);
    const header = decodeHeader(bytes);
    expect(header).toMatchObject({
      bits: 64,
      size: 0x2000,
      machine: 'x64',
      build: 19041,
      directoryTableBase: 0x1aa123,
      psLoadedModuleList: 0xfffff80012345678n,
      bugCheckCode: 0x1000007e,
      dumpType: 4,
      systemUpTime: 1_513_000_000n,
    });
    expect(header.bugCheckParameters[3]).toBe(0xdeadn);
  });

  it('H-1 reads fields filled with PAGE as absent', () => {
    const header = decodeHeader(header64().bytes);
    for (const name of [
      'processors',
      'pfnDatabase',
      'kdDebuggerDataBlock',
      'physicalMemoryBlock',
      'contextRecord',
      'exception',
      'systemTime',
      'systemUpTime',
      'comment',
      'versionUser',
      'attributes',
      'bootId',
      'productType',
    ] as const) {
      expect(header[name], name).toBeUndefined();
    }
  });

  it('reads a 32-bit header and widens its addresses', () => {
    const bytes = new Uint8Array(0x1000);
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode('PAGEDUMP'));
    view.setUint32(0x20, 0x14c, true);
    view.setUint32(0x18, 0x80560000, true);
    view.setUint32(0x60, 0x8054d2e0, true);
    view.setUint32(0x2c, 0xc0000005, true);
    view.setUint8(0x5c, 1);
    const header = decodeHeader(bytes);
    expect(header).toMatchObject({
      bits: 32,
      machine: 'x86',
      psLoadedModuleList: 0xffffffff80560000n,
      kdDebuggerDataBlock: 0xffffffff8054d2e0n,
      paeEnabled: true,
    });
    expect(header.bugCheckParameters[0]).toBe(0xc0000005n);
  });

  it.each([
    ['zeros', new Uint8Array(0x2000), 'DUMP_ALL_ZERO'],
    ['a user-mode minidump', new TextEncoder().encode('MDMP\x93\xa7aaaaaaaaa'), 'DUMP_USER_MINIDUMP'],
    ['text', new TextEncoder().encode('hello, this is no dump'), 'DUMP_BAD_SIGNATURE'],
    ['a cut header', header64().bytes.subarray(0, 0x1fff), 'DUMP_TRUNCATED_HEADER'],
    ['two bytes', new TextEncoder().encode('PA'), 'DUMP_BAD_SIGNATURE'],
  ])('H-2 refuses %s', (_name, bytes, code) => {
    expect(codeOf(() => decodeHeader(bytes))).toBe(code);
  });

  it('H-3 refuses machines that it does not know, and x86 in a 64-bit header', () => {
    const { bytes, view } = header64();
    view.setUint32(0x30, 0x200, true);
    expect(codeOf(() => decodeHeader(bytes))).toBe('DUMP_UNSUPPORTED_MACHINE');
    view.setUint32(0x30, 0x14c, true);
    expect(codeOf(() => decodeHeader(bytes))).toBe('DUMP_UNSUPPORTED_MACHINE');
  });
});
