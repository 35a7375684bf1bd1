import { describe, expect, it } from 'vitest';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame, Trust } from '../../unwind/index.ts';
import type { FaultSite } from '../fault.ts';
import { findFollowup } from './followup.ts';

const bases = { nt: 0x1000n, hal: 0x2000n, VerifierExt: 0x3000n, driver: 0x4000n, other: 0x5000n } as const;
const goneAt = 0x6000n;
const nowhere = 0x9000n;

/** Modules of one page each, and a driver that was unloaded. */
const system = {
  symbols: {
    locate: (va: bigint) => {
      const found = Object.entries(bases).find(([, base]) => va >= base && va < base + 0x1000n);
      return (
        found && { module: { name: found[0], base: found[1], size: 0x1000 }, name: undefined, offset: 0 }
      );
    },
  },
  unloadedModules: [{ name: 'gone.sys', start: goneAt, end: goneAt + 0x1000n }],
} as unknown as CrashedSystem;

const frames = (...places: readonly (readonly [ip: bigint, trust: Trust])[]): Frame[] =>
  places.map(([ip, trust], index) => ({ ip, trust, sp: BigInt(index * 0x10) }) as Frame);

const fault = (ip: bigint) => ({ ip }) as FaultSite;

const { nt, hal, VerifierExt: verifier, driver, other } = bases;

describe('findFollowup', () => {
  it('names the module of the faulting instruction', () => {
    const stack = frames([nt, 'context'], [other, 'unwind'], [driver, 'trap']);
    expect(findFollowup(system, fault(driver), stack)).toMatchObject({
      by: 'fault',
      address: driver,
      frame: 2,
    });
    expect(findFollowup(system, fault(driver), [])).toMatchObject({ by: 'fault', frame: undefined });
  });

  it('names the first module outside the kernel, behind the fault', () => {
    const stack = frames(
      [nt, 'context'],
      [other, 'unwind'],
      [nt + 8n, 'trap'],
      [hal, 'unwind'],
      [driver, 'unwind'],
    );
    expect(findFollowup(system, fault(nt + 8n), stack)).toMatchObject({
      by: 'stack',
      address: driver,
      frame: 4,
    });
    expect(findFollowup(system, undefined, stack)).toMatchObject({ by: 'stack', address: other, frame: 1 });
  });

  it('passes over the image of Driver Verifier', () => {
    const stack = frames([nt, 'context'], [verifier, 'unwind'], [driver, 'unwind']);
    expect(findFollowup(system, undefined, stack)).toMatchObject({ by: 'stack', address: driver });
  });

  it('says that scanning led to it, also when the frame itself was unwound from a scanned one', () => {
    const direct = frames([nt, 'context'], [driver, 'scan']);
    const behind = frames([nt, 'context'], [nt + 8n, 'scan'], [driver, 'unwind']);
    const before = frames([nt, 'context'], [driver, 'unwind'], [nt + 8n, 'scan']);
    const ways = [direct, behind, before].map((stack) => findFollowup(system, undefined, stack)?.by);
    expect(ways).toEqual(['scan', 'scan', 'stack']);
  });

  it('names no driver when only the kernel is on the stack', () => {
    const stack = frames([nt, 'context'], [hal, 'unwind'], [nowhere, 'trap']);
    expect(findFollowup(system, undefined, stack)).toMatchObject({ by: 'kernel', address: undefined });
    expect(findFollowup(system, fault(nt + 8n), stack)).toMatchObject({ by: 'kernel', address: nt + 8n });
  });

  it('names a driver that was unloaded only where the fault lies in its place', () => {
    expect(findFollowup(system, fault(goneAt + 8n), frames([nt, 'context']))).toMatchObject({
      by: 'fault',
      place: undefined,
      unloaded: { name: 'gone.sys' },
    });
    expect(findFollowup(system, fault(nowhere), frames([driver, 'context']))).toMatchObject({
      by: 'stack',
      address: driver,
    });
  });

  it('says nothing without a stack and a fault in some module', () => {
    expect(findFollowup(system, undefined, [])).toBeUndefined();
    expect(findFollowup(system, fault(nowhere), frames([nowhere, 'context']))).toBeUndefined();
  });
});
