import { buildMachine, dumpBytes } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, openSession, type Session } from '../index.ts';
import { findInAnyCase } from './find-in-any-case.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'full' })));
});

describe('findInAnyCase', () => {
  it.each(['nt!kebugcheckex', 'NT!KEBUGCHECKEX', 'kebugcheckex', 'Nt!KeBugCheckEx'])(
    'finds %s, twice',
    (typed) => {
      const expected = session.system.symbols.findAddress('nt!KeBugCheckEx');
      expect(expected).toBeDefined();
      expect(findInAnyCase(session.system.symbols, typed)).toBe(expected);
      expect(findInAnyCase(session.system.symbols, typed)).toBe(expected);
    },
  );

  it('finds what is in another module than nt', () => {
    const module = session.system.symbols.modules.find(
      ({ kind, module }) => kind === 'exports' && module.name !== 'nt',
    );
    const name = [...module!.names()].find(
      (each) => session.system.symbols.findAddress(`nt!${each}`) === undefined,
    )!;
    expect(findInAnyCase(session.system.symbols, name.toUpperCase())).toBe(
      session.system.symbols.findAddress(`${module!.module.name}!${name}`),
    );
  });

  it.each(['nt!nosuch', 'nosuch', 'nosuch!kebugcheckex', 'nt!', '!', ''])('finds nothing for %j', (typed) => {
    expect(findInAnyCase(session.system.symbols, typed)).toBeUndefined();
  });

  it('makes habits work at the prompt', () => {
    expect(session.evaluate('nt!psloadedmodulelist')).toBe(session.evaluate('nt!PsLoadedModuleList'));
  });
});
