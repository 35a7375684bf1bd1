import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Decoder, DecoderOptions, FlowControl } from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { Fault, readU32, type Va } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import { BufferSource } from '../io/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { FileImage, type ImageHeaders, readImageHeaders } from '../pe/index.ts';
import { type CodeModule, isReturnAddress } from './index.ts';
import { findCallBefore } from './return-address.ts';

const base = 0xfffff801_00001000n;

/** Memory that holds `bytes` at `at` and nothing else. */
const memoryAt = (at: Va, bytes: Uint8Array): VirtualMemory => ({
  kind: 'blocks',
  tryRead(va, length) {
    const from = Number(va - at);
    const got = from < 0 ? new Uint8Array(0) : bytes.slice(from, from + length);
    return got.length === length ? got : new Fault('not-in-dump', va + BigInt(got.length), { got });
  },
  tryReadU64: (va) => new Fault('not-in-dump', va),
  tryReadU32: (va) => new Fault('not-in-dump', va),
  nextCandidate: () => undefined,
});

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));

/** Evidence for the address behind these bytes, which follow seven bytes of `nop`, or nothing. */
function judge(hex: string, machine: Machine = 'x64', padding = 7): string {
  const code = bytesOf(hex);
  const bytes = new Uint8Array(padding + code.length).fill(0x90);
  bytes.set(code, padding);
  return isReturnAddress(memoryAt(base, bytes), base + BigInt(bytes.length), machine);
}

describe('x64 and x86 calls', () => {
  it.each([
    ['call near', 'e8 00 10 00 00'],
    ['call rax', 'ff d0'],
    ['call r10', '41 ff d2'],
    ['call [rax]', 'ff 10'],
    ['call [r11]', '41 ff 13'],
    ['call [rsp]', 'ff 14 24'],
    ['call [rip+x], the import table and the guard dispatch pointer', 'ff 15 78 56 34 12'],
    ['call [rip+x] with REX.W', '48 ff 15 78 56 34 12'],
    ['call [rax+8]', 'ff 50 08'],
    ['call [rsp+20h]', 'ff 54 24 20'],
    ['call [rax+100h]', 'ff 90 00 01 00 00'],
    ['call [rax+rcx*8+100h]', 'ff 94 c8 00 01 00 00'],
    ['call [rcx*8+disp32]', 'ff 14 cd 00 10 00 00'],
    ['call [rax+rcx*8]', 'ff 14 c8'],
  ])('U-30 recognises %s', (_, hex) => {
    expect(judge(hex)).toBe('call');
  });

  it.each([
    ['jmp near', 'e9 00 10 00 00'],
    ['jmp [rip+x]', 'ff 25 78 56 34 12'],
    ['push [rax]', 'ff 30'],
    ['mov', '48 8b 05 00 00 00 00'],
    ['the length of FF /2 wrong', 'ff 15 78 56 34 12 90'],
    ['nop', '90 90 90 90 90 90 90'],
  ])('U-30 refuses %s', (_, hex) => {
    expect(judge(hex)).toBe('no-call');
  });

  it('U-31 says unknown where bytes are missing, unless those that are there are a call', () => {
    expect(judge('e8 00 10 00 00', 'x64', 0)).toBe('call');
    expect(judge('48 8b c1', 'x64', 0)).toBe('unknown');
    expect(isReturnAddress(memoryAt(base, new Uint8Array(0)), base)).toBe('unknown');
  });
});

describe('arm64 calls', () => {
  const word = (value: number): string =>
    [0, 8, 16, 24].map((shift) => ((value >>> shift) & 255).toString(16)).join(' ');

  it.each([
    ['bl', 0x97ffffc7],
    ['blr x8', 0xd63f0100],
    ['blraa x8, x9', 0xd73f0909],
    ['blrabz x3', 0xd63f0c7f],
  ])('U-30 recognises %s', (_, value) => {
    expect(judge(word(value), 'arm64')).toBe('call');
  });

  it.each([
    ['b', 0x14000010],
    ['br x8', 0xd61f0100],
    ['ret', 0xd65f03c0],
    ['nop', 0xd503201f],
  ])('U-30 refuses %s', (_, value) => {
    expect(judge(word(value), 'arm64')).toBe('no-call');
  });

  it('U-31 says unknown where the word is missing', () => {
    expect(isReturnAddress(memoryAt(base, new Uint8Array(2)), base + 2n, 'arm64')).toBe('unknown');
  });
});

describe('the target of a direct call', () => {
  const module: CodeModule = {
    base,
    size: 0x1000,
    image: { layout: 'mapped', tryReadRva: (rva) => new Fault('not-present', BigInt(rva)) },
    isExecutable: (va) => va - base < 0x800n,
  };
  const code = { findModule: (va: Va) => (va >= base && va < base + 0x1000n ? module : undefined) };
  const evidence = (displacement: number): string => {
    const bytes = new Uint8Array(12).fill(0x90);
    bytes[7] = 0xe8;
    new DataView(bytes.buffer).setInt32(8, displacement, true);
    return findCallBefore({ machine: 'x64', memory: memoryAt(base, bytes), code }, base + 12n);
  };

  it('U-32 is in code, or among the stubs behind the image', () => {
    expect(evidence(0x100)).toBe('call');
    expect(evidence(0x900)).toBe('no-call');
    expect(evidence(-0x2000)).toBe('no-call');
    expect(evidence(0x2000)).toBe('call');
    expect(evidence(0x7000_0000)).toBe('no-call');
  });
});

const shared = new URL('../../../../../shared/pdbs/systeminformer/', import.meta.url);

describe.skipIf(!existsSync(fileURLToPath(shared)))('calls of a real driver (needs ../shared)', () => {
  const textOf = (path: string) => {
    const image = new FileImage(new BufferSource(readFileSync(new URL(path, shared))));
    const { rva, size } = (readImageHeaders(image) as ImageHeaders).sections[0]!;
    return { rva, bytes: image.tryReadRva(rva, size) as Uint8Array };
  };

  it('U-30 finds every call of the x64 driver, and few among other instructions', () => {
    const { bytes } = textOf('amd64/systeminformer.sys');
    const memory = memoryAt(base, bytes);
    const decoder = new Decoder(64, bytes, DecoderOptions.None);
    const counts = { calls: 0, found: 0, others: 0, mistaken: 0 };
    while (decoder.canDecode) {
      const instruction = decoder.decode();
      const evidence =
        decoder.position < 7 ? 'unknown' : isReturnAddress(memory, base + BigInt(decoder.position));
      const isCall =
        instruction.flowControl === FlowControl.Call || instruction.flowControl === FlowControl.IndirectCall;
      if (isCall) counts.calls++;
      else counts.others++;
      if (evidence === 'call') counts[isCall ? 'found' : 'mistaken']++;
      instruction.free();
    }
    decoder.free();
    expect(counts.calls).toBeGreaterThan(500);
    expect(counts.found).toBe(counts.calls);
    expect(counts.mistaken / counts.others).toBeLessThan(0.02);
  });

  it('U-30 finds exactly the calls of the arm64 driver', () => {
    const { bytes } = textOf('arm64/systeminformer.sys');
    const memory = memoryAt(base, bytes);
    const wrong: number[] = [];
    let calls = 0;
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = readU32(bytes, at);
      const isCall = word >>> 26 === 0x25 || (word & 0xfffffc1f) >>> 0 === 0xd63f0000;
      if (isCall) calls++;
      if ((isReturnAddress(memory, base + BigInt(at + 4), 'arm64') === 'call') !== isCall) wrong.push(at);
    }
    expect(calls).toBeGreaterThan(500);
    expect(wrong).toEqual([]);
  });
});
