import { expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { showFault, showModule, showRegisters } from './show.ts';

const ip = 0x1000n;

/** A crash with registers and a record of the exception where they are told. */
function scene(
  records: { readonly registers?: object; readonly exception?: object },
  addressFrom?: string,
  trusts: readonly string[] = ['context', 'unwind'],
): Scene {
  return {
    system: { records, shortText: (va: bigint) => va.toString(16) },
    fault: { ip, addressFrom },
    frames: trusts.map((trust, index) => ({ ip: index === 1 ? ip : 0x2000n, trust })),
  } as unknown as Scene;
}

it('shows registers where they were saved, else those of the interrupted frame', () => {
  expect(showRegisters(scene({ registers: { kind: 'context', address: 0x30n } }))).toBe('.cxr 30');
  expect(showRegisters(scene({ registers: { kind: 'trap', address: 0x30n } }))).toBe('.trap 30');
  expect(showRegisters(scene({}))).toBe('.frame /r 1');
  expect(showRegisters(scene({}, undefined, ['context', 'scan']))).toBe('r');
  expect(showRegisters(scene({}, undefined, ['context']))).toBe('r');
});

it('shows the address of the fault by what it is known from', () => {
  const exception = { address: 0x40n };
  expect(showFault(scene({ exception }, 'exception record'), ip)).toBe('.exr 40; u 1000 L1');
  expect(showFault(scene({}, 'exception record'), ip)).toBe('u 1000 L1');
  expect(showFault(scene({ exception }, 'bug check parameters'), ip)).toBe('.bugcheck; u 1000 L1');
  expect(showFault(scene({}, 'registers'), ip)).toBe('.frame /r 1');
  expect(showFault(scene({}), ip)).toBe('u 1000 L1');
});

it('shows whose image an address is in', () => {
  expect(showModule(scene({}), 0x50n)).toBe('lm a 50');
});
