import { readdirSync } from 'node:fs';
import { DebuggerError, readDriverObject, readFileObject, type Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedPath } from '../shared-files.ts';

/** A file of zeros: it is refused when it is opened. */
const zeroFilled = 'criticalrocket_111217-47250-01.dmp';
const dumps = hasShared
  ? [
      ...readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp') && name !== zeroFilled),
      'notmyfault_4a/083125-14875-01.dmp',
    ]
  : [];

const addresses = ['$thread', '$proc', '$csp', '$ip', '$bug_param1', '$bug_param2', '$bug_param4', '0'];
const lines = [
  '!object \\',
  '!object \\Driver',
  '!drvobj disk 7',
  '!devstack PhysicalDrive0',
  '!vm',
  '!pfn 1000',
  '!address',
  ...['!object', '!drvobj', '!devobj', '!devstack', '!fileobj', '!irp', '!mdl', '!address'].flatMap(
    (command) => addresses.map((address) => `${command} ${address}`),
  ),
];

/** Errors that say why there is no answer; anything else is a fault of ours. */
const honest = [
  'MEMORY_UNREADABLE',
  'NO_SUCH_RECORD',
  'NO_SUCH_OBJECT',
  'TYPES_UNKNOWN',
  'REGISTER_UNKNOWN',
  'COMMAND_USAGE',
];

/** Places of the small dump's blocks where a structure with these first four bytes lies. */
function* findStructures(session: Session, type: number, size: number): Generator<bigint> {
  const { memory, target } = session.system;
  for (const { va, size: length } of target.dump.blocks) {
    const start = (va + 15n) & ~15n;
    for (let at = start; at + 4n <= va + BigInt(length); at += 16n)
      if (memory.tryReadU32(at) === ((size << 16) | type) >>> 0) yield at;
  }
}

const readOrError = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof DebuggerError) return undefined;
    throw error;
  }
};

describe.skipIf(!hasShared)('objects in real dumps', () => {
  it.each(dumps)('%s: every command has an answer or an honest reason', async (name) => {
    const session = await openShared(name);
    let answers = 0;
    for (const line of lines) {
      try {
        answers += session.execute(line).lines.length > 0 ? 1 : 0;
      } catch (error) {
        expect(error, line).toBeInstanceOf(DebuggerError);
        expect(honest, `${line}: ${(error as DebuggerError).message}`).toContain(
          (error as DebuggerError).code,
        );
      }
    }
    expect(answers).toBeGreaterThanOrEqual(5);
  });

  it('driver objects of the dumps name loaded images', async () => {
    let found = 0;
    for (const name of dumps) {
      const session = await openShared(name);
      const { system } = session;
      if (system.machine !== 'x64') continue;
      for (const at of findStructures(session, 4, 0x150)) {
        const driver = readOrError(() => readDriverObject(system, at));
        if (driver?.name === undefined) continue;
        found++;
        expect(driver.name).toMatch(/^\\(?:Driver|FileSystem)\\[\w-]+$/);
        expect(system.modules.map(({ base }) => base)).toContain(driver.start);
      }
    }
    expect(found).toBeGreaterThanOrEqual(2);
  });

  it('file objects of the dumps have names that make sense', async () => {
    let found = 0;
    for (const name of dumps) {
      const session = await openShared(name);
      for (const at of findStructures(session, 5, 0xd8)) {
        const file = readOrError(() => readFileObject(session.system, at));
        if (file?.name === undefined || file.name === '') continue;
        found++;
        expect(file.name).toMatch(/^[\x20-\x7e]+$/);
      }
    }
    expect(found).toBeGreaterThanOrEqual(1);
  });

  // Places of nt!MiState in the two kernels whose symbol tables are at hand.
  it.each([
    ['triage_x64.dmp', 0xc4_c740n],
    ['ojusha-help_100623-4953-01.dmp', 0xc4_c6c0n],
  ])('%s: where MmPagedPoolCommit leads', async (name, miState) => {
    const { system } = await openShared(name);
    const types = system.types!;
    const visible = types.offset('_MI_SYSTEM_INFORMATION', 'Vs')!;
    const info = types.offset('_MI_VISIBLE_STATE', 'SystemPteInfo')!;
    const anchor = system.data!.value.address('MmPagedPoolCommit')!;
    expect(anchor - system.kernel!.base).toBe(miState + BigInt(visible + info) + 0x28n);
  });
});
