import { ByteWriter } from './byte-writer.ts';

/**
 * Streams in a multi-stream file. Pages of streams lie in reverse, so that a reader cannot take them for one piece; the
 * maps of free pages, one every `pageSize` pages, stay empty.
 */
export function writeMsf(streams: readonly (Uint8Array | undefined)[], pageSize: number): Uint8Array {
  const pages: Uint8Array[] = [];
  const take = (bytes: Uint8Array): number => {
    while (pages.length % pageSize === 1 || pages.length % pageSize === 2)
      pages.push(new Uint8Array(pageSize));
    const page = new Uint8Array(pageSize);
    page.set(bytes);
    return pages.push(page) - 1;
  };
  const store = (bytes: Uint8Array, reversed: boolean): number[] => {
    const count = Math.ceil(bytes.length / pageSize);
    const order = Array.from({ length: count }, (_, index) => (reversed ? count - 1 - index : index));
    const numbers: number[] = [];
    for (const index of order)
      numbers[index] = take(bytes.subarray(index * pageSize, (index + 1) * pageSize));
    return numbers;
  };
  take(new Uint8Array(0));
  const numbers = streams.map((bytes) => store(bytes ?? new Uint8Array(0), true));
  const directory = new ByteWriter().u32(streams.length);
  for (const bytes of streams) directory.u32(bytes === undefined ? 0xffff_ffff : bytes.length);
  for (const list of numbers) directory.u32(...list);
  const directoryPages = store(directory.bytes(), true);
  const mapPages = store(new ByteWriter().u32(...directoryPages).bytes(), false);
  const header = new ByteWriter()
    .raw(Buffer.from('Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0', 'latin1'))
    .u32(pageSize, 1, pages.length, directory.length, 0, mapPages[0]!);
  pages[0]!.set(header.bytes());
  return Buffer.concat(pages);
}
