import { expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { unloadedFinding } from './unloaded-finding.ts';

const [start, end] = [0xffff_f801_0000_0000n, 0xffff_f801_0000_9000n];
const pendingOperations = 0xce;

interface Crash {
  readonly ip?: bigint;
  readonly code?: number;
  /** First parameter of the bug check, an address. */
  readonly named?: bigint;
  readonly name?: string;
  /** Is another image loaded there by now? */
  readonly isLoaded?: boolean;
}

const scene = ({ ip, code = 0xd1, named, name = 'zapusb.sys', isLoaded = false }: Crash): Scene =>
  ({
    system: {
      bugCheck: { baseCode: code, roles: named === undefined ? [] : ['address'] },
      target: { parameterAddress: () => named },
      symbols: { locate: () => (isLoaded ? { name: 'other' } : undefined) },
      unloadedModules: [{ name, start, end }],
      shortText: (va: bigint) => va.toString(16),
    },
    fault: ip === undefined ? undefined : { ip },
    frames: [],
  }) as unknown as Scene;

it('names the driver whose code was to run when it was gone', () => {
  expect(unloadedFinding(scene({ ip: start + 0x1234n }))).toMatchObject({
    kind: 'not-pool',
    suspects: [{ module: 'zapusb.sys', rule: 'named' }],
  });
  expect(unloadedFinding(scene({ code: pendingOperations, named: end - 1n }))).toBeDefined();
});

it('finds none behind its end, in another image, or where its name is lost', () => {
  expect(unloadedFinding(scene({}))).toBeUndefined();
  expect(unloadedFinding(scene({ ip: end }))).toBeUndefined();
  expect(unloadedFinding(scene({ ip: start, isLoaded: true }))).toBeUndefined();
  expect(unloadedFinding(scene({ ip: start, name: 'unknown' }))).toBeUndefined();
});

it('takes an address of the bug check only where that one names code', () => {
  expect(unloadedFinding(scene({ named: start }))).toBeUndefined();
});
