import { pageSize } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { type Control, Driver, RunningMachine, type RunningOptions, SystemStopped } from './index.ts';

/** Special pool of Windows 7 and 8. */
const block = 0xffff_f980_0b5f_e800n;
const guard = 0xffff_f980_0b5f_f000n;
const writesOver = 0x22_2004;
const kernelWritesOver = 0x22_2008;

class Writer extends Driver {
  override readonly name = 'writer';
  override readonly texts = { Text: 'O'.repeat(0x20) };

  override controls(): readonly Control[] {
    return [
      { code: writesOver, body: (routine) => routine.fill(block, 0x4f, 0x801) },
      {
        code: kernelWritesOver,
        body: (routine) => routine.call('nt!memcpy', guard - 8n, this.text('Text'), 0x20),
      },
    ];
  }
}

function stop(code: number, kind: 'guard' | 'freed', options: RunningOptions = {}) {
  const running = new RunningMachine({ drivers: [new Writer()], ...options });
  running.space.allocate(guard - BigInt(pageSize), pageSize, { writable: true });
  running.specialPool = { kindOf: (address) => (address >> 12n === guard >> 12n ? kind : undefined) };
  expect(() => running.deviceControl({ driver: 'writer', code })).toThrow(SystemStopped);
  return running.finish();
}

describe('a fault in special pool', () => {
  it.each([
    [writesOver, 'guard', 0xd6, 'writer!WriterDeviceControl'],
    [writesOver, 'freed', 0xd5, 'writer!WriterDeviceControl'],
    [kernelWritesOver, 'guard', 0xcd, 'nt!memcpy'],
    [kernelWritesOver, 'freed', 0xcc, 'nt!memcpy'],
  ] as const)('of control %i at a page that is %s is bug check %i', (code, kind, bugCheck, culprit) => {
    const machine = stop(code, kind);
    const { fault } = machine.truth;
    expect([machine.bugCheck.code, ...machine.bugCheck.parameters]).toEqual([
      bugCheck,
      guard,
      1n,
      fault!.ip,
      0n,
    ]);
    expect([fault!.function, fault!.address]).toEqual([culprit, guard]);
    // One byte was written beyond what the loop may, or eight: the registers say how far it came.
    const { rdi, rcx } = fault!.registers;
    expect(culprit === 'nt!memcpy' ? rcx : rdi).toBe(guard);
  });

  it('has the stack that the article shows, and names the driver', () => {
    const machine = stop(writesOver, 'guard');
    const names = machine.truth.frames.map((frame) => frame.function);
    expect(names).toEqual([
      'nt!KeBugCheckEx',
      'nt!MiSystemFault',
      'nt!MmAccessFault',
      'nt!KiPageFault',
      'writer!WriterDeviceControl',
      'writer!WriterDispatch',
      'nt!IopXxxControlFile',
      'nt!NtDeviceIoControlFile',
      'nt!KiSystemServiceCopyEnd',
      undefined,
    ]);
    const callers = (options: RunningOptions) =>
      stop(writesOver, 'guard', options)
        .truth.frames.map((frame) => frame.function)
        .slice(5, -3);
    expect(callers({ verifiesIo: true })).toEqual([
      'writer!WriterDispatch',
      'nt!IovCallDriver',
      'nt!IopXxxControlFile',
    ]);
    expect(callers({ build: 17_763 })).toEqual([
      'writer!WriterDispatch',
      'nt!IofCallDriver',
      'nt!IopSynchronousServiceTail',
      'nt!IopXxxControlFile',
    ]);
    const memory = new MemoryView(machine.space);
    const name = memory.u64(machine.truth.symbols.get('nt!KiBugCheckDriver')!);
    expect(memory.unicodeString(name, 8)).toBe('writer.sys');
  });
});
