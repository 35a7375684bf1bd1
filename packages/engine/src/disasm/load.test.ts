import { createRequire } from 'node:module';
import type * as IcedModule from 'iced-x86';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Disassemblers from './index.ts';

const require = createRequire(import.meta.url);

let loadDisassembler: typeof Disassemblers.loadDisassembler;

beforeEach(async () => {
  vi.resetModules();
  ({ loadDisassembler } = await import('./index.ts'));
});

describe('loadDisassembler', () => {
  it('takes a library from where the host says, once', async () => {
    let calls = 0;
    const iced = async () => {
      calls++;
      return require('iced-x86') as typeof IcedModule;
    };
    const disassembler = await loadDisassembler('x64', { iced });
    expect(disassembler.decode(Uint8Array.of(0xc3), 0n)?.mnemonic).toBe('ret');
    expect(await loadDisassembler('x64', { iced })).toBe(disassembler);
    expect(calls).toBe(1);
  });

  it('tries again after a failure', async () => {
    const broken = () => Promise.reject(new Error('no such module'));
    await expect(loadDisassembler('arm64', { capstone: broken })).rejects.toThrow('no such module');
    expect((await loadDisassembler('arm64')).machine).toBe('arm64');
  });

  it('gives each machine its own', async () => {
    expect(await loadDisassembler('x86')).not.toBe(await loadDisassembler('x64'));
  });
});
