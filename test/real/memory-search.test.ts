import { readdirSync } from 'node:fs';
import type { Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { Fault, type Va } from '../../packages/engine/src/base/index.ts';
import { BlockMemory } from '../../packages/engine/src/mmu/index.ts';
import { hasShared, openShared, sharedPath } from '../shared-files.ts';

const zeroFilled = 'criticalrocket_111217-47250-01.dmp';
const dumps = hasShared
  ? readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp') && name !== zeroFilled)
  : [];

interface Stretch {
  readonly start: Va;
  readonly bytes: Uint8Array;
}

/** What the dump holds, neighbours joined: the plain way to look through it. */
function stretchesOf({ system }: Session): Stretch[] {
  const memory = system.memory as BlockMemory;
  const joined: { start: Va; end: Va }[] = [];
  for (const { start, end } of memory.spans()) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined.map(({ start, end }) => {
    const read = memory.tryRead(start, Number(end - start));
    return { start, bytes: read instanceof Fault ? read.got : read };
  });
}

/** A text of more than 1024 characters comes in parts. */
const partsOf = ({ at, text }: { at: Va; text: string }): { at: Va; text: string }[] =>
  Array.from({ length: Math.ceil(text.length / 1024) }, (_, part) => ({
    at: at + BigInt(part * 1024),
    text: text.slice(part * 1024, part * 1024 + 1024),
  }));

const everywhere = '0 L?ffffffffffffffff';
const hitsOf = (session: Session, command: string): unknown =>
  (session.execute(command).data as { readonly hits: unknown }).hits;

describe.skipIf(!hasShared)('searches through real dumps', () => {
  it.each(dumps)('%s: pointers to the kernel, a text and all texts', async (name) => {
    const session = await openShared(name);
    expect(session.system.memory).toBeInstanceOf(BlockMemory);
    const stretches = stretchesOf(session);
    const nt = session.system.kernel!.base;
    const pointers = stretches.flatMap(({ start, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const found: Va[] = [];
      for (let at = Number(-start & 7n); at + 8 <= bytes.length; at += 8)
        if (view.getBigUint64(at, true) === nt) found.push(start + BigInt(at));
      return found;
    });
    expect(pointers.length).toBeGreaterThan(0);
    expect(hitsOf(session, `s -q ${everywhere} ${nt.toString(16)}`)).toEqual(pointers);

    const texts = stretches.flatMap(({ start, bytes }) => {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const found: Va[] = [];
      for (let at = buffer.indexOf('NtfF'); at >= 0; at = buffer.indexOf('NtfF', at + 1))
        found.push(start + BigInt(at));
      return found;
    });
    expect(hitsOf(session, `s -a ${everywhere} "NtfF"`)).toEqual(texts);

    const all = stretches.flatMap(({ start, bytes }) =>
      [
        ...Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
          .toString('latin1')
          .matchAll(/[ -~]{12,}/g),
      ].flatMap(({ index, 0: text }) => partsOf({ at: start + BigInt(index), text })),
    );
    const listed = hitsOf(session, `s -[lc]sa ${everywhere}`) as { readonly at: Va; readonly text: string }[];
    expect(listed).toEqual(all.slice(0, 0x1_0000));
  });
});
