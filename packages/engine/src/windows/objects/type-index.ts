import type { Va } from '../../base/index.ts';

/** How headers store the index of their object's type. */
export interface TypeIndexCode {
  /** Windows 10 and later: XORed with this and with a byte of the header's address. Undefined: stored as it is. */
  readonly cookie: number | undefined;
  /** How that is known, as half a sentence. */
  readonly from: string;
  decode(stored: number, header: Va): number;
}

/** An object whose type is known otherwise. */
export interface Witness {
  readonly header: Va;
  /** TypeIndex of its header. */
  readonly stored: number;
  readonly index: number;
}

/** The second byte of the header's address takes part. Source: public analyses of ObGetObjectType of Windows 10. */
const addressByte = (header: Va): number => Number((header >> 8n) & 0xffn);

const plain = (from: string): TypeIndexCode => ({ cookie: undefined, from, decode: (stored) => stored });

const disguised = (cookie: number, from: string): TypeIndexCode => ({
  cookie,
  from,
  decode: (stored, header) => stored ^ addressByte(header) ^ cookie,
});

/**
 * Finds out how indexes are stored, out of objects of known types. Objects in the same 256 bytes tell the same, so that
 * witnesses have to differ there: two or more that agree, and more than half of all, are believed.
 */
export function solveTypeIndex(
  witnesses: readonly Witness[],
  cookie: number | undefined,
): TypeIndexCode | undefined {
  if (cookie !== undefined) return disguised(cookie, 'nt!ObHeaderCookie');
  const straight = witnesses.filter(({ stored, index }) => stored === index);
  if (isProof(straight, witnesses)) return plain(`${straight.length} objects of known types`);
  const cookies = witnesses.map(({ header, stored, index }) => stored ^ addressByte(header) ^ index);
  for (const value of new Set(cookies)) {
    const agreeing = witnesses.filter((_, at) => cookies[at] === value);
    if (isProof(agreeing, witnesses))
      return disguised(value, `a cookie that ${agreeing.length} objects of known types agree on`);
  }
  return undefined;
}

function isProof(agreeing: readonly Witness[], all: readonly Witness[]): boolean {
  const places = new Set(agreeing.map(({ header }) => addressByte(header)));
  return places.size >= 2 && agreeing.length * 2 > all.length;
}
