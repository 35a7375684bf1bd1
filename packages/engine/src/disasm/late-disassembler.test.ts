import { createRequire } from 'node:module';
import type * as IcedModule from 'iced-x86';
import { expect, it, vi } from 'vitest';

const require = createRequire(import.meta.url);

it('loads its library for the first instruction, once', async () => {
  let calls = 0;
  const icedNow = () => {
    calls++;
    return require('iced-x86') as typeof IcedModule;
  };
  vi.resetModules();
  const { loadDisassembler } = await import('./index.ts');
  const disassembler = await loadDisassembler('x86', { icedNow });
  expect(disassembler.machine).toBe('x86');
  expect(calls).toBe(0);
  expect(disassembler.decode(Uint8Array.of(0xc3), 0n)?.mnemonic).toBe('ret');
  expect(disassembler.decode(Uint8Array.of(0x90), 1n)?.mnemonic).toBe('nop');
  expect(calls).toBe(1);
});
