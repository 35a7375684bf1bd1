import {
  buildMachine,
  dumpBytes,
  type KernelWorld,
  type Machine,
  plantVerifier,
  type VerifierTruth,
} from '@poolscope/lab';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource } from '../io/index.ts';
import { runToEnd } from '../memory/index.ts';
import { openSession, type Session } from '../session.ts';
import { findFreedSpecialPool, readSpecialPool, type SpecialPool } from './index.ts';
import { specialRegions } from './special-regions.ts';

/** `crash`: another bug check than the machine's, and its first parameter. */
async function open(
  machine: Machine,
  crash?: { readonly code: number; readonly address: bigint },
): Promise<Session> {
  const bytes = dumpBytes(machine, { type: 'bitmap-kernel' });
  if (crash !== undefined) {
    const header = new DataView(bytes.buffer, bytes.byteOffset);
    const isWide = machine.architecture === 'x64';
    header.setUint32(isWide ? 0x38 : 0x28, crash.code, true);
    if (isWide) header.setBigUint64(0x40, crash.address, true);
    else header.setUint32(0x2c, Number(crash.address & 0xffff_ffffn), true);
  }
  return openSession(new BufferSource(bytes));
}

const tagValue = (tag: string): number =>
  [...tag].reduceRight((value, letter) => value * 256 + letter.charCodeAt(0), 0);

describe.each(['x64', 'x86'] as const)('special pool of %s', (architecture) => {
  let truth!: VerifierTruth;
  const machine = buildMachine({
    architecture,
    prepare: (world, site) => (truth = plantVerifier(world, site)),
  });
  let session: Session;
  beforeAll(async () => {
    session = await open(machine);
  });
  const at = (va: bigint): SpecialPool | undefined => readSpecialPool(session.system, va);
  const block = (name: string) => truth.blocks.find((each) => each.name === name)!;

  it('SPL-1: tells of each block what its caller got', () => {
    for (const { name, page, address, size, tag, alignment, paged, pattern, guard } of truth.blocks) {
      if (name === 'freed') continue;
      for (const va of [page, address, address + BigInt(size) - 1n, page + 0xfffn])
        expect(at(va), name).toMatchObject({
          state: 'allocated',
          block: { page, address, size, tag: tagValue(tag), alignment, paged: paged === true, pattern },
        });
      expect(at(page)?.block?.guard).toMatchObject({ page: guard, state: 'not-valid', entry: 0n });
      expect(at(guard)).toMatchObject({ state: 'guard', block: { page, address } });
    }
  });

  it('SPL-2: names the bytes that somebody changed, and no others', () => {
    const changes = (name: string) => at(block(name).page)?.block?.slop.flatMap(({ changed }) => changed);
    const { address, damage } = block('overrun');
    expect(changes('overrun')).toEqual([
      { start: address + BigInt(damage!.at), found: Uint8Array.from(damage!.bytes), isSingleBit: false },
    ]);
    const under = block('underrun');
    expect(changes('underrun')).toEqual([
      {
        start: under.address + BigInt(under.damage!.at),
        found: Uint8Array.from(under.damage!.bytes),
        isSingleBit: false,
      },
    ]);
    const { flip, pattern, address: flipped } = block('flipped');
    expect(changes('flipped')).toEqual([
      {
        start: flipped + BigInt(flip!.at),
        found: Uint8Array.of(pattern ^ (1 << flip!.bit)),
        isSingleBit: true,
      },
    ]);
    expect(changes('whole')).toEqual([]);
    expect(at(block('whole').page)?.block?.isIntact).toBe(true);
    expect(at(block('flipped').page)?.block?.slop.flatMap(({ side }) => side)).toContain('before');
  });

  it('is proven by the record of the verifier, and likely without', () => {
    expect(at(block('whole').page)).toMatchObject({
      trust: 'proven',
      block: { verifierEntry: { agrees: true } },
    });
    expect(at(block('underrun').page)).toMatchObject({
      trust: 'likely',
      block: { verifierEntry: undefined },
    });
  });

  it('SPL-4: says of a freed page what is known, and finds its record in physical memory', () => {
    const { address, size, freedPage, page } = block('freed');
    expect(at(address)).toMatchObject({
      state: 'not-mapped',
      isFreed: undefined,
      block: undefined,
      trust: 'likely',
    });
    const found = runToEnd(findFreedSpecialPool(session.system, address));
    expect(found).toMatchObject([
      { address, size, page: freedPage! * 0x1000, tag: tagValue('SmpF'), paged: false },
    ]);
    expect(runToEnd(findFreedSpecialPool(session.system))).toEqual(found);
    expect(runToEnd(findFreedSpecialPool(session.system, page + 0x1000n))).toEqual([]);
  });

  it('SPL-4: is freed, or proven, where the bug check says so', async () => {
    const { guard, page } = block('underrun');
    for (const [code, va, expected] of [
      [0xd6, block('overrun').guard, { state: 'guard', trust: 'proven' }],
      [0xcd, guard, { state: 'guard', trust: 'proven' }],
      [0xc1, page, { state: 'allocated', trust: 'proven' }],
      [0xcc, block('freed').address - 0x10n, { state: 'not-mapped', isFreed: true, trust: 'proven' }],
      [0xd5, block('freed').page, { state: 'not-mapped', isFreed: true, trust: 'proven' }],
      [0x50, block('freed').page, { state: 'not-mapped', isFreed: undefined, trust: 'likely' }],
    ] as const) {
      const crashed = await open(machine, { code, address: va });
      const found = readSpecialPool(crashed.system, va);
      expect(found, code.toString(16)).toMatchObject(expected);
      if (code !== 0x50)
        expect(found?.reasons[0]).toBe(`bug check ${code.toString(16).toUpperCase()} names it`);
    }
  });

  it('is proven by the variables of nt that bound it', () => {
    const { page } = block('underrun');
    const [start, end] = [machine.pool.data, machine.pool.data + 8n];
    const bounds = new Map([
      ['nt!MmSpecialPoolStart', start],
      ['nt!MmSpecialPoolEnd', end],
    ]);
    const { target } = session.system;
    const values = new Map([
      [start, page],
      [end, page + 0x1000n],
    ]);
    const kernel = Object.create(session.system, {
      symbols: { value: { findAddress: (name: string) => bounds.get(name) } },
      target: { value: Object.create(target, { readPointer: { value: (va: bigint) => values.get(va) } }) },
    }) as typeof session.system;
    expect(readSpecialPool(kernel, page)).toMatchObject({ trust: 'proven', state: 'allocated' });
    expect(readSpecialPool(kernel, page + 0x1000n)?.trust).not.toBe('proven');
  });

  it('reads the regions once, and again when symbols tell of other variables', () => {
    const { target, data, structures } = session.system;
    const page = block('underrun').page;
    let reads = 0;
    const places = new Map<string, bigint>();
    const kernel = {
      ...{ data, structures },
      symbols: { findAddress: (name: string) => places.get(name) },
      target: Object.create(target, {
        readPointer: {
          value: (va: bigint) => {
            if (va === 0x10n) reads++;
            return va === 0x10n ? page : va === 0x18n ? page + 0x2000n : target.readPointer(va);
          },
        },
      }),
    } as unknown as Parameters<typeof specialRegions>[0];
    const told = (): boolean => specialRegions(kernel).some(({ from }) => from.includes('MmSpecialPool'));
    expect([told(), told()]).toEqual([false, false]);
    places.set('nt!MmSpecialPoolStart', 0x10n).set('nt!MmSpecialPoolEnd', 0x18n);
    expect([told(), told(), told()]).toEqual([true, true, true]);
    expect(reads).toBe(1);
  });

  it('is not found elsewhere', () => {
    const others = [
      0n,
      0x1000n,
      machine.pool.block,
      machine.stack.pointer,
      machine.thread.va,
      machine.process.va,
    ];
    for (const va of [...others, ...machine.images.list.map(({ image }) => image.spec.base)])
      expect(at(va), va.toString(16)).toBeUndefined();
  });
});

/** A machine with a page of its own, whose address no other thing is near. */
async function withPage(
  bytes: Uint8Array,
  options: { readonly guard?: boolean } = {},
): Promise<{ page: bigint; session: Session }> {
  let page = 0n;
  const machine = buildMachine({
    prepare: (world: KernelWorld) => {
      page = world.profile.addresses.pagedPool + 0x0300_0000n;
      world.space.allocate(page, options.guard === false ? 0x2000 : 0x1000, { writable: true });
      world.space.write(page, bytes);
    },
  });
  return { page, session: await open(machine) };
}

function specialPage(size: number, pattern: number, flags = 0): Uint8Array {
  const bytes = new Uint8Array(0x1000).fill(pattern);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size | flags | (pattern << 16), true);
  bytes.set([0x54, 0x65, 0x73, 0x74], 4);
  bytes.fill(0, (0x1000 - size) & ~15, ((0x1000 - size) & ~15) + size);
  return bytes;
}

describe('evidence', () => {
  it('SPL-3: without a guard page a page is not taken for special pool', async () => {
    const { page, session } = await withPage(specialPage(0x800, 0x6d), { guard: false });
    expect(readSpecialPool(session.system, page)).toBeUndefined();
  });

  it('SPL-3: of too little of the pattern is none', async () => {
    const { page, session } = await withPage(specialPage(0xfe8, 0x6d));
    expect(readSpecialPool(session.system, page)).toBeUndefined();
  });

  it('SPL-3: a page of zeros, and one of a single letter, are no special pool', async () => {
    for (const fill of [0, 0x4f, 0xff]) {
      const { page, session } = await withPage(new Uint8Array(0x1000).fill(fill));
      expect(readSpecialPool(session.system, page), fill.toString(16)).toBeUndefined();
    }
  });

  it('SPL-1, SPL-2: any size and pattern read back the same, and any change is found', async () => {
    const machine = buildMachine({
      prepare: (world) =>
        world.space.allocate(world.profile.addresses.pagedPool + 0x0300_0000n, 0x1000, { writable: true }),
    });
    const page = machine.profile.addresses.pagedPool + 0x0300_0000n;
    const cases = fc.record({
      size: fc.integer({ min: 1, max: 0xf00 }),
      pattern: fc.integer({ min: 1, max: 255 }),
      at: fc.nat(0xfff),
      value: fc.nat(255),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ size, pattern, at, value }) => {
        const bytes = specialPage(size, pattern);
        const data = (0x1000 - size) & ~15;
        const isSlop = at >= 16 && (at < data || at >= data + size);
        if (at >= 16) bytes[at] = value;
        machine.space.write(page, bytes);
        const found = readSpecialPool((await open(machine)).system, page)?.block;
        expect(found).toMatchObject({ size, pattern, address: page + BigInt(data), alignment: 'end' });
        const changed = found!.slop.flatMap((area) => area.changed.map(({ start }) => Number(start - page)));
        expect(changed).toEqual(isSlop && value !== pattern ? [at] : []);
      }),
      { numRuns: 40 },
    );
  });

  it('random pages never end it, and are hardly ever special pool', async () => {
    const machine = buildMachine({
      prepare: (world) =>
        world.space.allocate(world.profile.addresses.pagedPool + 0x0300_0000n, 0x1000, { writable: true }),
    });
    const page = machine.profile.addresses.pagedPool + 0x0300_0000n;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0x1000, maxLength: 0x1000 }), async (bytes) => {
        machine.space.write(page, bytes);
        const { system } = await open(machine);
        const found = readSpecialPool(system, page);
        for (const { start, length } of found?.block?.slop ?? [])
          expect(start >= page && start + BigInt(length) <= page + 0x1000n).toBe(true);
        expect(found?.trust).not.toBe('proven');
      }),
      { numRuns: 20 },
    );
  });
});
