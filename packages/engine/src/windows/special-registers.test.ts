import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared } from '../../../../test/shared-files.ts';
import { BufferSource, openSession, type Session } from '../index.ts';
import { readSpecialRegisters } from './special-registers.ts';

const read = ({ system }: Session) =>
  readSpecialRegisters(system.target, system.data?.value, system.types, system.crashedProcessor!)?.value;

const openLab = (
  options: Parameters<typeof buildMachine>[0],
  type: Parameters<typeof dumpBytes>[1]['type'],
) => openSession(new BufferSource(dumpBytes(buildMachine(options), { type })));

describe('readSpecialRegisters', () => {
  it.each(['x64', 'x86'] as const)(
    'finds the page tables and the fault address of %s',
    async (architecture) => {
      const session = await openLab({ architecture, crash: 'page-fault' }, 'full');
      const { header } = session.system.target.dump;
      const registers = read(session)!;
      expect(registers.get('cr3')).toBe(BigInt(header.directoryTableBase));
      const fault = session.system.target.parameterAddress(0)!;
      expect(registers.get('cr2')).toBe(BigInt.asUintN(architecture === 'x86' ? 32 : 64, fault));
    },
  );

  it('gives nothing where the structure is not in the dump, or has no known layout', async () => {
    const header = await openLab({}, 'header');
    expect(
      readSpecialRegisters(header.system.target, undefined, header.system.types, { prcb: 0n }),
    ).toBeUndefined();
    const arm64 = await openLab({ architecture: 'arm64' }, 'full');
    expect(read(arm64)).toBeUndefined();
  });

  it.skipIf(!hasShared).each(['training_d1.dmp', 'training_50_0.dmp'])(
    '%s: cr2 is the address that the bug check names',
    async (name) => {
      const session = await openShared(name);
      expect(read(session)!.get('cr2')).toBe(session.system.target.parameterAddress(0));
    },
  );

  it.skipIf(!hasShared)('real descriptor tables have the limits that Windows gives them', async () => {
    const registers = read(await openShared('training_d1.dmp'))!;
    expect([registers.get('idtl'), registers.get('tr'), registers.get('ldtr')]).toEqual([0xfffn, 0x40n, 0n]);
    expect(registers.get('gdtr')! >> 47n).toBe(0x1ffffn);
  });
});
