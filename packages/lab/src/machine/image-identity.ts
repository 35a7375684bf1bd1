import { asciiBytes, u32Bytes } from '../bytes/integers.ts';
import { type CodePlace, importSlot } from '../image/code.ts';
import type { DataSpec, FunctionSpec, ImageSpec } from '../image/image-spec.ts';

/** An image that has no GUID yet; the high byte of its time stamp is kept. */
export type UnidentifiedImage = Omit<ImageSpec, 'pdb'> & { readonly pdbName: string };

/**
 * Gives an image the GUID of its program database, and its time stamp, as a reproducible build does: out of what is in it.
 * Images that differ in processor, build of Windows, name, code or symbols differ in both, wherever they are loaded.
 */
export function identified({ pdbName, ...spec }: UnidentifiedImage, build: number): ImageSpec {
  const digest = new Digest();
  digest.addText(`${spec.architecture} ${build} ${spec.name}`);
  for (const one of spec.functions) addFunction(digest, one);
  for (const data of [...(spec.variables ?? []), ...(spec.constants ?? [])]) addData(digest, data);
  for (const name of spec.linkOrder ?? []) digest.addText(name);
  const words = digest.words();
  const timeDateStamp = ((spec.timeDateStamp & 0xff00_0000) | (words[4]! & 0xff_ffff)) >>> 0;
  return { ...spec, timeDateStamp, pdb: { name: pdbName, guid: guidText(words), age: 1 } };
}

/** Lengths tell where everything is: operands that depend on it need not be known. */
const anywhere: CodePlace = { base: 0n, rva: 0, rvaOf: () => 0 };

function addFunction(
  digest: Digest,
  { name, code, file, lines, inlines, blocks, moved, at }: FunctionSpec,
): void {
  digest.addText(name);
  if (at !== undefined) digest.add(u32Bytes(at));
  digest.addText(JSON.stringify([file, lines, inlines, blocks, moved]));
  for (const { encode, calls, imports, mark } of code) {
    digest.add(encode(anywhere));
    for (const symbol of [calls, imports && importSlot(imports), mark])
      if (symbol !== undefined) digest.addText(symbol);
  }
}

function addData(digest: Digest, { name, size, bytes, at }: DataSpec): void {
  if (at !== undefined) digest.add(u32Bytes(at));
  digest.addText(name);
  digest.add(u32Bytes(size));
  if (bytes !== undefined) digest.add(bytes);
}

const seeds = [0x811c_9dc5, 0x1234_5679, 0x9e37_79b9, 0x7f4a_7c15, 0x2545_f491];
const prime = 0x0100_0193;

/** Five FNV-1a sums from different beginnings: enough to tell images apart, nothing for safety. */
class Digest {
  readonly #sums = Uint32Array.from(seeds);

  add(bytes: Uint8Array): void {
    const { length } = bytes;
    for (let lane = 0; lane < seeds.length; lane++) {
      let next = this.#sums[lane]! | 0;
      for (let at = 0; at < length; at++) next = (Math.imul(next ^ bytes[at]!, prime) + lane) | 0;
      this.#sums[lane] = Math.imul(next ^ length, prime);
    }
  }

  addText(text: string): void {
    this.add(asciiBytes(text, true));
  }

  words(): readonly number[] {
    return [...this.#sums];
  }
}

function guidText(words: readonly number[]): string {
  const digits = words
    .slice(0, 4)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
  return [0, 8, 12, 16, 20].map((start, index, starts) => digits.slice(start, starts[index + 1])).join('-');
}
