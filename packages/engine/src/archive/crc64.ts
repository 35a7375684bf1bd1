/** CRC-64/XZ (ECMA-182, reflected), in two halves of 32 bits: bigints would be many times slower. */
const polynomialLow = 0xd787_0f42;
const polynomialHigh = 0xc96c_5795;

let tables: { readonly low: Uint32Array; readonly high: Uint32Array } | undefined;

function makeTables(): { readonly low: Uint32Array; readonly high: Uint32Array } {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let [l, h] = [byte, 0];
    for (let bit = 0; bit < 8; bit++) {
      const odd = (l & 1) === 1;
      l = ((l >>> 1) | (h << 31)) >>> 0;
      h >>>= 1;
      if (odd) {
        l = (l ^ polynomialLow) >>> 0;
        h = (h ^ polynomialHigh) >>> 0;
      }
    }
    low[byte] = l;
    high[byte] = h;
  }
  return { low, high };
}

/** The check value of `bytes`, low half first. */
export function crc64(bytes: Uint8Array): readonly [low: number, high: number] {
  tables ??= makeTables();
  let [l, h] = [0xffff_ffff, 0xffff_ffff];
  for (let at = 0; at < bytes.length; at++) {
    const index = (l ^ bytes[at]!) & 0xff;
    l = (((l >>> 8) | (h << 24)) ^ tables.low[index]!) >>> 0;
    h = ((h >>> 8) ^ tables.high[index]!) >>> 0;
  }
  return [~l >>> 0, ~h >>> 0];
}
