/** Length and distance codes of DEFLATE (RFC 1951, 3.2.5) and Deflate64 (zip method 9), as tables indexed by code. */
export interface DeflateCodes {
  /** Shortest match of length code 257 + index; 0 for the codes that mean nothing. */
  readonly lengthBase: Uint16Array;
  readonly lengthExtra: Uint8Array;
  /** Nearest distance of a code; farther than any window for the codes that mean nothing. */
  readonly distanceBase: Uint32Array;
  readonly distanceExtra: Uint8Array;
}

export type DeflateKind = 'deflate' | 'deflate64';

/** Both kinds: the last length code apart (258, or with Deflate64 3 plus 16 bits), extra bits grow every 4 codes. */
export const deflateCodes: Readonly<Record<DeflateKind, DeflateCodes>> = {
  deflate: makeCodes({ lastBase: 258, lastExtra: 0, distances: 30 }),
  deflate64: makeCodes({ lastBase: 3, lastExtra: 16, distances: 32 }),
};

/** The order in which the lengths of the code length code are stored (RFC 1951, 3.2.7). */
export const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;

/** Code lengths of a block with fixed codes (RFC 1951, 3.2.6). */
export const fixedLiteralLengths = new Uint8Array(288)
  .fill(8, 0, 144)
  .fill(9, 144, 256)
  .fill(7, 256, 280)
  .fill(8, 280);
export const fixedDistanceLengths = new Uint8Array(32).fill(5);

function makeCodes(kind: { lastBase: number; lastExtra: number; distances: number }): DeflateCodes {
  const lengthBase = new Uint16Array(31);
  const lengthExtra = new Uint8Array(31);
  for (let code = 0, base = 3; code < 28; code++) {
    lengthBase[code] = base;
    lengthExtra[code] = Math.max(0, (code >> 2) - 1);
    base += 1 << lengthExtra[code]!;
  }
  lengthBase[28] = kind.lastBase;
  lengthExtra[28] = kind.lastExtra;
  const distanceBase = new Uint32Array(32).fill(0xffff_ffff);
  const distanceExtra = new Uint8Array(32);
  for (let code = 0, base = 1; code < kind.distances; code++) {
    distanceBase[code] = base;
    distanceExtra[code] = Math.max(0, (code >> 1) - 1);
    base += 1 << distanceExtra[code]!;
  }
  return { lengthBase, lengthExtra, distanceBase, distanceExtra };
}
