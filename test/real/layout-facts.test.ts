import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasShared, openShared, sharedPath } from '../shared-files.ts';

const names = hasShared
  ? readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp') && !name.includes('111217'))
  : [];

/** What the debugger data of real dumps say about layouts, against the profiles. */
describe.skipIf(!hasShared)('profiles and real dumps', () => {
  test.each(names)('SP-6: %s', async (name) => {
    const { system } = await openShared(name);
    const { build, machine } = system.target.dump.header;
    const { types } = system;
    if (machine === 'arm64') {
      expect(types).toBeUndefined();
    } else if (build === 19041) {
      // Thirty sizes and offsets, none against the profile.
      expect(types!.contradictions).toEqual([]);
      expect(types!.exact).toBe(true);
      expect(types!.find('_EPROCESS')?.trust).toBe('build');
    } else if (build === 9600) {
      // An update between the two that the profiles know: only the size of one structure is another.
      expect(types!.contradictions).toHaveLength(1);
      expect(types!.find('_EPROCESS')?.trust).toBe('update');
      expect(types!.find('_KTHREAD')?.trust).toBe('build');
    } else {
      expect(build).toBe(26100);
      expect(types!.exact).toBe(false);
      expect(types!.source).toContain('a guess');
      expect(types!.find('_EPROCESS')?.trust).toBe('contradicted');
      expect(types!.find('_KPRCB')?.trust).toBe('contradicted');
      expect(types!.find('_KTHREAD')?.trust).toBe('guess');
    }
  });
});
