import { buildMachine, dumpBytes } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, openSession, type Session } from '../index.ts';
import { findSymbol } from './find-symbol.ts';

let bare: Session;
let full: Session;
beforeAll(async () => {
  const machine = buildMachine();
  // Of this one nothing is there but the header: no image, and no export table.
  bare = await openSession(new BufferSource(dumpBytes(machine, { type: 'header' })));
  full = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
});

describe('findSymbol', () => {
  it.each(['nt!PsLoadedModuleList', 'PsLoadedModuleList', 'NT!psloadedmodulelist'])(
    'finds %s where only the header tells it',
    (name) => {
      const { psLoadedModuleList } = bare.system.target.dump.header;
      expect(psLoadedModuleList).not.toBe(0n);
      expect(bare.system.symbols.findAddress('nt!PsLoadedModuleList')).toBeUndefined();
      expect(findSymbol(bare.system, name, true)).toBe(psLoadedModuleList);
      expect(bare.evaluate(name)).toBe(full.evaluate(name));
    },
  );

  it('believes the symbols first', () => {
    expect(findSymbol(full.system, 'nt!PsLoadedModuleList')).toBe(
      full.system.symbols.findAddress('nt!PsLoadedModuleList'),
    );
  });

  it.each(['hal!PsLoadedModuleList', 'nt!KeBugCheckEx', 'nt!nosuch'])('does not make up %s', (name) => {
    expect(findSymbol(bare.system, name, true)).toBeUndefined();
  });
});
