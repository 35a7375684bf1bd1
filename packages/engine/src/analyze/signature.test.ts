import { describe, expect, it } from 'vitest';
import type { Verdict } from './report.ts';
import { explainSignature, type SignatureInput, signatureText } from './signature.ts';

const block: NonNullable<Verdict['block']> = {
  address: '0xfffffa8001a1b000',
  size: 0x810,
  tag: 'Fflt',
  pool: 'nonpaged',
  allocator: 'classic',
  state: 'allocated',
};

const overrun: Verdict = {
  kind: 'pool-overrun',
  confidence: 0.9,
  summary: '',
  block,
  victims: [],
  damage: { start: '0xfffffa8001a1b810', length: 48, pattern: 'text', text: null },
  freedAddress: null,
  suspects: [{ module: 'Some.sys', score: 0.8, because: ['because'] }],
  evidence: [],
  next: [],
  picture: null,
};

const input = (verdict: Partial<Verdict>, more: Partial<SignatureInput> = {}): SignatureInput => ({
  name: 'BAD_POOL_HEADER',
  subcode: '20',
  verdict: { ...overrun, ...verdict },
  headerSize: 16,
  faultPlace: undefined,
  stack: [
    { trust: 'context', module: 'nt', image: 'ntoskrnl.exe', place: 'nt!KeBugCheckEx' },
    { trust: 'unwind', module: 'other', image: 'other.sys', place: 'other!Victim' },
    { trust: 'unwind', module: 'some', image: 'some.sys', place: 'some!Culprit' },
  ],
  ...more,
});

const signature = (verdict: Partial<Verdict>, more?: Partial<SignatureInput>): string =>
  signatureText(explainSignature(input(verdict, more)));

const damageAt = (start: bigint, length: number | null = 1): Partial<Verdict> => ({
  damage: { start: `0x${start.toString(16)}`, length, pattern: null, text: null },
});
const at = BigInt(block.address);

describe('the signature of damaged pool', () => {
  it('tells what was written where and by whom, and nothing of the crash', () => {
    expect(signature({})).toBe('pool-overrun|Fflt|block:0x801-0x1000|at-end|length:33-64|some.sys');
    const elsewhere = { name: 'SYSTEM_SERVICE_EXCEPTION', subcode: 'c0000005', faultPlace: 'nt!Another' };
    expect(signature({}, elsewhere)).toBe(signature({}));
  });

  it('leaves out who did it where that is not likely', () => {
    const suspects = [{ module: 'some.sys', score: 0.49, because: ['because'] }];
    expect(signature({ suspects })).toBe('pool-overrun|Fflt|block:0x801-0x1000|at-end|length:33-64');
    expect(signature({ suspects: [] })).toBe(signature({ suspects }));
  });

  it.each([
    [at + 0x810n, 'at-end'],
    [at + 0x818n, 'end+0x8'],
    [at - 8n, 'before'],
    [at + 4n, 'header+0x4'],
    [at + 0x23n, 'at+0x20'],
  ])('tells where damage at %x begins', (start, place) => {
    expect(signature(damageAt(start))).toContain(`|${place}|length:1|`);
  });

  it('sees damage without a block from the block that was hit', () => {
    const victims = [{ address: block.address, size: null, tag: 'Any ', state: null }];
    const hit = (start: bigint) =>
      signature({ ...damageAt(start), kind: 'stray-write', block: null, victims, suspects: [] });
    expect(hit(at + 3n)).toBe('stray-write|header+0x3|length:1');
    expect(hit(at + 0x10n)).toBe('stray-write|body|length:1');
    expect(signature({ ...damageAt(at), kind: 'stray-write', block: null, suspects: [] })).toBe(
      'stray-write|length:1',
    );
  });

  it('knows that blocks of special pool have no header', () => {
    const special = { ...block, allocator: 'special' as const, size: 0x30 };
    expect(signature({ block: special, ...damageAt(at + 4n, 4) })).toContain(
      '|block:0x21-0x40|at+0x0|length:3-4|',
    );
  });

  it('keeps a block of the same class in the same place, and others apart', () => {
    const sized = (size: number) => signature({ block: { ...block, size }, ...damageAt(at + BigInt(size)) });
    expect(sized(0x801)).toBe(sized(0x1000));
    expect(sized(0x800)).not.toBe(sized(0x801));
    expect(sized(1)).toContain('block:0x1-0x1');
  });

  it('separates parts by bars only, whatever the tag is', () => {
    expect(signature({ block: { ...block, tag: 'a|\n\u00e9' } })).toMatch(/^pool-overrun\|a\.\.\.\|block/);
    expect(signature({ block: { ...block, tag: '    ' } })).toMatch(/^pool-overrun\|block/);
  });

  it('says nothing of a length or a size that is not known', () => {
    expect(signature({ block: { ...block, size: null }, ...damageAt(at + 0x810n, null) })).toBe(
      'pool-overrun|Fflt|some.sys',
    );
  });
});

describe('the signature of a misuse that is the crash itself', () => {
  const misuse = { kind: 'double-free', damage: null } as const;

  it("names the bug check and the culprit's own function", () => {
    expect(signature(misuse)).toBe('BAD_POOL_HEADER|20|double-free|Fflt|block:0x801-0x1000|some!Culprit');
  });

  it("names the culprit's file where its function is not surely known", () => {
    const stack = [{ trust: 'scan', module: 'some', image: 'some.sys', place: 'some!Old' }] as const;
    expect(signature(misuse, { stack })).toMatch(/\|some\.sys$/);
  });

  it('goes back to the place of the crash where nobody is suspected', () => {
    expect(signature({ ...misuse, suspects: [] })).toMatch(/\|other!Victim$/);
    expect(signature({ ...misuse, suspects: [] }, { faultPlace: 'nt!ExFreePool' })).toMatch(
      /\|nt!ExFreePool$/,
    );
  });
});

describe('the signature of another crash', () => {
  it('is its bug check and its place', () => {
    expect(signature({ kind: 'unknown', confidence: 0 })).toBe('BAD_POOL_HEADER|20|other!Victim');
    expect(signature({ kind: 'not-pool', confidence: 0.1 }, { faultPlace: 'x!y', subcode: undefined })).toBe(
      'BAD_POOL_HEADER|not-pool|x!y',
    );
  });

  it('does not rest on a verdict that is not likely', () => {
    expect(signature({ confidence: 0.49 })).toBe(signature({ kind: 'unknown', confidence: 0 }));
  });
});

it('explains each part with the rule that made it', () => {
  const parts = explainSignature(input({}));
  expect(parts.map(({ rule }) => rule)).toEqual([
    'kind',
    'tag',
    'block-size',
    'damage-place',
    'damage-length',
    'culprit',
  ]);
  expect(parts.every(({ why }) => why.length > 0)).toBe(true);
});
