import { MSF_HDR } from '@poolscope/engine/layouts';
import { asciiBytes } from '../bytes/integers.ts';
import { StructWriter } from '../bytes/struct-writer.ts';
import { ByteWriter } from './byte-writer.ts';

const pageSize = 0x1000;
const magic = asciiBytes('Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0');

/**
 * Streams in a file of pages: header, two maps of free pages in every `pageSize` pages (at 1 and 2), streams, directory,
 * list of the directory's pages. Source: microsoft-pdb, msf.cpp.
 */
export function msfFile(streams: readonly Uint8Array[]): Uint8Array {
  return new MsfWriter().write(streams);
}

class MsfWriter {
  readonly #placed: { readonly page: number; readonly bytes: Uint8Array }[] = [];
  /** First page that is not taken. */
  #end = 3;

  write(streams: readonly Uint8Array[]): Uint8Array {
    const pages = streams.map((bytes) => this.#store(bytes));
    const directory = new ByteWriter().u32(streams.length, ...streams.map(({ length }) => length));
    for (const list of pages) directory.u32(...list);
    const directoryPages = this.#store(directory.bytes());
    const [listPage = 0] = this.#store(new ByteWriter().u32(...directoryPages).bytes());
    const file = new Uint8Array(this.#end * pageSize);
    new StructWriter(MSF_HDR, file).setAll({
      szMagic: magic,
      cbPg: pageSize,
      pnFpm: 1,
      pnMac: this.#end,
      cbDir: directory.length,
      pnMap: listPage,
    });
    for (const { page, bytes } of this.#placed) file.set(bytes, page * pageSize);
    this.#writeFreeMap(file);
    return file;
  }

  /** Numbers of the pages that take the bytes, in their order. */
  #store(bytes: Uint8Array): number[] {
    const pages: number[] = [];
    for (let at = 0; at < bytes.length; at += pageSize) {
      const page = this.#takePage();
      this.#placed.push({ page, bytes: bytes.subarray(at, at + pageSize) });
      pages.push(page);
    }
    return pages;
  }

  /** Pages 1 and 2 of every interval belong to the maps. */
  #takePage(): number {
    while (isMap(this.#end)) this.#end++;
    return this.#end++;
  }

  /** A set bit says that a page is free; the map goes on at the same place of each interval. */
  #writeFreeMap(file: Uint8Array): void {
    for (let start = pageSize; start < file.length; start += pageSize * pageSize)
      for (let map = start; map < start + 2 * pageSize && map < file.length; map += pageSize)
        file.fill(0xff, map, Math.min(map + pageSize, file.length));
    for (let page = 0; page < this.#end; page++) {
      const byte = page >>> 3;
      const interval = Math.floor(byte / pageSize);
      const at = pageSize + interval * pageSize * pageSize + (byte % pageSize);
      file[at]! &= ~(1 << (page & 7));
    }
  }
}

const isMap = (page: number): boolean => page % pageSize === 1 || page % pageSize === 2;
