import { Fault, pageSize } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { type ImageHeaders, readImageHeaders } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';

/** A run of addresses and where its bytes are in the file; the loader fills the rest of it with zeros. */
interface Region {
  readonly rva: number;
  readonly size: number;
  readonly offset: number;
  /** Bytes taken from the file. */
  readonly raw: number;
}

/** An image file read as if it were mapped, without relocations or imports applied. A Fault's address is an RVA. */
export class FileImage implements ImageReader {
  readonly layout = 'file';
  readonly #source: ByteSource;
  readonly #regions: readonly Region[];

  constructor(source: ByteSource) {
    this.#source = source;
    this.#regions = [{ rva: 0, size: source.size, offset: 0, raw: source.size }];
    const headers = readImageHeaders(this);
    if (!(headers instanceof ImageProblem)) this.#regions = regionsOf(headers);
  }

  tryReadRva(rva: number, length: number): Uint8Array | Fault {
    const region = this.#regions.find((each) => rva >= each.rva && rva < each.rva + each.size);
    if (region === undefined) return new Fault('not-present', BigInt(rva));
    const part = this.#readRegion(region, rva - region.rva, Math.min(length, region.rva + region.size - rva));
    if (part instanceof Fault || part.length === length) return part;
    return join(part, this.tryReadRva(rva + part.length, length - part.length));
  }

  #readRegion(region: Region, within: number, length: number): Uint8Array | Fault {
    const bytes = new Uint8Array(length);
    const wanted = Math.max(0, Math.min(length, region.raw - within));
    const count = wanted === 0 ? 0 : this.#source.readInto(region.offset + within, bytes.subarray(0, wanted));
    if (count === wanted) return bytes;
    return new Fault('truncated', BigInt(region.rva + within + count), { got: bytes.subarray(0, count) });
  }
}

function join(first: Uint8Array, rest: Uint8Array | Fault): Uint8Array | Fault {
  const more = rest instanceof Fault ? rest.got : rest;
  const all = new Uint8Array(first.length + more.length);
  all.set(first);
  all.set(more, first.length);
  return rest instanceof Fault ? rest.withGot(all) : all;
}

function regionsOf({ sizeOfHeaders, sections }: ImageHeaders): Region[] {
  const regions: Region[] = [{ rva: 0, size: sizeOfHeaders, offset: 0, raw: sizeOfHeaders }];
  for (const { rva, size, rawSize, rawOffset } of sections) {
    const pages = Math.ceil(size / pageSize) * pageSize;
    if (pages > 0) regions.push({ rva, size: pages, offset: rawOffset, raw: Math.min(rawSize, pages) });
  }
  return regions;
}
