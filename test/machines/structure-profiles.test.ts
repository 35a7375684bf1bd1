import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BufferSource, openSession } from '@poolscope/engine';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, test } from 'vitest';

describe('structures of made-up machines', () => {
  test.each(['x64', 'x86'] as const)('%s: the machine and the profile agree', async (architecture) => {
    const machine = buildMachine({ architecture });
    const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })), {
      path: 'made-up',
    });
    expect(system.types).toMatchObject({ exact: true, contradictions: [] });
    expect(system.process?.name?.from).toBe('EPROCESS.ImageFileName');
  });
});

test('SP-10: the sources of the profiles stay below 400 KB', () => {
  const folder = fileURLToPath(new URL('../../packages/engine/src/layouts/profiles/', import.meta.url));
  const sizes = readdirSync(folder).map((file) => statSync(folder + file).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400 * 1024);
});
