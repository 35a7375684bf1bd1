import {
  IMAGE_DOS_HEADER,
  IMAGE_FILE_HEADER,
  IMAGE_SECTION_HEADER,
  StructView,
} from '@poolscope/engine/layouts';
import { alignUp } from '../bytes/integers.ts';
import { StructWriter } from '../bytes/struct-writer.ts';
import type { BuiltImage } from '../image/built-image.ts';
import { fileAlignment, headersSize } from '../image/pe-headers.ts';
import type { LinkedSection } from './link-order.ts';

const signatureSize = 4;

/** The section headers of an image, copied out of it. */
export function sectionHeaders(image: BuiltImage): Uint8Array {
  const bytes = image.mappedBytes().subarray(0, headersSize);
  const file = new StructView(IMAGE_DOS_HEADER, bytes).get('e_lfanew') + signatureSize;
  const optionalSize = new StructView(IMAGE_FILE_HEADER, bytes, file).get('SizeOfOptionalHeader');
  const start = file + IMAGE_FILE_HEADER.size + optionalSize;
  return bytes.slice(start, start + image.sections.length * IMAGE_SECTION_HEADER.size);
}

/** The same when the symbols were written. */
export function originalHeaders(image: BuiltImage, sections: readonly LinkedSection[]): Uint8Array {
  const bytes = sectionHeaders(image);
  let raw = headersSize;
  for (const [index, { rva, size }] of sections.entries()) {
    const rawSize = alignUp(size, fileAlignment);
    new StructWriter(IMAGE_SECTION_HEADER, bytes, index * IMAGE_SECTION_HEADER.size).setAll({
      VirtualSize: size,
      VirtualAddress: rva,
      SizeOfRawData: rawSize,
      PointerToRawData: raw,
    });
    raw += rawSize;
  }
  return bytes;
}
