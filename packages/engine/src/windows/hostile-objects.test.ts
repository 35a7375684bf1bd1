import { buildMachine, dumpBytes, type KernelWorld } from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferSource, DebuggerError, openSession, runToEnd, type Session } from '../index.ts';
import {
  findObject,
  listDirectory,
  objectPath,
  objectTypes,
  readDeviceObject,
  readDeviceStack,
  readDriverObject,
  readFileObject,
  readIrp,
  readMdl,
  readMemoryTotals,
  readObject,
  readPageFrame,
  systemRegions,
} from './index.ts';

const architectures = ['x64', 'x86', 'arm64'] as const;
type Architecture = (typeof architectures)[number];

/** Small machines are made faster. */
const small = { memoryPages: 0x400, largePage: false } as const;

const machines = Object.fromEntries(
  architectures.map((architecture) => [architecture, buildMachine({ ...small, architecture })]),
) as Record<Architecture, ReturnType<typeof buildMachine>>;

/** Two pages that the test fills; what they hold points at themselves and at true objects. */
const size = 0x2000;

/** Words out of a choice: themselves, small numbers and addresses that lead somewhere. */
const wordsArbitrary = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('self' as const), value: fc.nat(size) }),
    fc.record({ kind: fc.constant('object' as const), value: fc.nat(100) }),
    fc.record({ kind: fc.constant('small' as const), value: fc.nat(0x200) }),
    fc.record({ kind: fc.constant('any' as const), value: fc.nat() }),
  ),
  { minLength: 1, maxLength: 64 },
);
type Word = { readonly kind: 'self' | 'object' | 'small' | 'any'; readonly value: number };

function wordsAt(architecture: Architecture, region: bigint, words: readonly Word[]): bigint[] {
  const { objects } = machines[architecture].truth.system;
  return words.map(({ kind, value }) => {
    if (kind === 'self') return region + BigInt(value & ~7);
    if (kind === 'object') return objects[value % objects.length]!.va;
    return kind === 'small' ? BigInt(value) : BigInt(value) * 0x1_0000_0001n;
  });
}

/** A machine with a damaged region, of which the first words are `head`. */
async function damaged(
  architecture: Architecture,
  words: readonly Word[],
  more: (kernel: KernelWorld, region: bigint) => void = () => {},
): Promise<{ session: Session; region: bigint }> {
  let region = 0n;
  const machine = buildMachine({
    ...small,
    architecture,
    prepare(kernel) {
      region = kernel.nonPagedPool.allocate(size, 0x1000);
      const values = wordsAt(architecture, region, words);
      const step = kernel.pointerSize;
      for (let at = 0; at < size / step; at++)
        kernel.writePointer(region + BigInt(at * step), values[at % values.length]!);
      more(kernel, region);
    },
  });
  return {
    session: await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' }))),
    region,
  };
}

/** The answer, or why there is none; anything else than a DebuggerError fails the test. */
function attempt<T>(read: () => T): T | DebuggerError {
  try {
    return read();
  } catch (error) {
    if (error instanceof DebuggerError) return error;
    throw error;
  }
}

const runs = { numRuns: 20 };

describe('objects out of anything', () => {
  it.each(architectures)('%s: random words in the place of an object', async (architecture) => {
    await fc.assert(
      fc.asyncProperty(wordsArbitrary, fc.constantFrom(3, 4, 5, 6), async (words, type) => {
        // The first number is right, and the size too, so that readers go on.
        const { session, region } = await damaged(architecture, words, (kernel, at) => {
          kernel.space.write(at, Uint8Array.of(type, 0, 0xff, 0x7f));
        });
        const { system } = session;
        const read = { 3: readDeviceObject, 4: readDriverObject, 5: readFileObject, 6: readIrp }[type]!;
        expect(attempt(() => read(system, region))).not.toBeInstanceOf(DebuggerError);
        for (const each of [
          readDriverObject,
          readDeviceObject,
          readDeviceStack,
          readFileObject,
          readIrp,
          readMdl,
        ])
          for (const offset of [0n, 8n, 0x40n, 0xff8n, 0x1ff8n, 0x1_0000n])
            attempt(() => each(system, region + offset));
      }),
      runs,
    );
  });

  it.each(['x64', 'x86'] as const)('%s: random words in the place of the root', async (architecture) => {
    const root = machines[architecture].truth.symbols.get('nt!ObpRootDirectoryObject')!;
    await fc.assert(
      fc.asyncProperty(wordsArbitrary, async (words) => {
        const { session, region } = await damaged(architecture, words, (kernel, at) => {
          kernel.writePointer(root, at + 0x100n);
        });
        const { system } = session;
        attempt(() => objectTypes(system));
        attempt(() => findObject(system, '\\Driver\\storfilt'));
        const { count } = runToEnd(listDirectory(system, region + 0x100n));
        expect(count).toBeLessThanOrEqual(0x4000);
        for (const offset of [0x40n, 0x100n, 0x800n]) {
          attempt(() => readObject(system, region + offset));
          attempt(() => objectPath(system, region + offset));
        }
      }),
      runs,
    );
  });

  it('random words in the place of the state of the memory manager', async () => {
    const variable = machines.x64.truth.symbols.get('nt!MmPfnDatabase')!;
    await fc.assert(
      fc.asyncProperty(wordsArbitrary, fc.nat(), async (words, pfn) => {
        const { session } = await damaged('x64', words, (kernel, at) => kernel.writePointer(variable, at));
        attempt(() => readPageFrame(session.system, pfn % 0x200));
        attempt(() => readMemoryTotals(session.system));
        for (const { start, end } of systemRegions(session.system)) expect(end).toBeGreaterThan(start);
      }),
      runs,
    );
  });

  it('a directory whose chains run in circles ends, and says so', async () => {
    const { session, region } = await damaged('x64', [{ kind: 'self', value: 0x800 }], (kernel, at) => {
      kernel.writePointer(at + 0x800n, at + 0x800n);
    });
    const { entries, problems } = runToEnd(listDirectory(session.system, region));
    expect(entries).toHaveLength(37);
    expect(problems).toHaveLength(37);
    expect(problems[0]).toEqual({ bucket: 0, why: 'its chain runs in a circle' });
  });

  it('devices that are attached to each other in a circle end, and it is said', async () => {
    const { devices, drivers } = machines.x64.truth.system;
    const lower = devices[0]!;
    const upper = devices[1]!;
    const machine = buildMachine({
      ...small,
      // DEVICE_OBJECT.AttachedDevice and NextDevice.
      prepare(kernel) {
        kernel.writePointer(upper.address + 0x18n, lower.address);
        kernel.writePointer(lower.address + 0x10n, lower.address);
      },
    });
    const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
    const stack = readDeviceStack(system, lower.address);
    expect(stack.devices).toHaveLength(2);
    expect(stack.problems).toContain('The way up the stack runs in a circle.');
    const owner = drivers.find((driver) => driver.devices.includes(lower.address))!;
    expect(readDriverObject(system, owner.address).devices).toEqual({ items: [lower.address], end: 'cycle' });
  });
});
