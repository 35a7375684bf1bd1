import { asciiBytes, concatBytes, writeU16, writeU32 } from '../bytes/integers.ts';

interface ExportedSymbol {
  readonly name: string;
  readonly rva: number;
}

const directorySize = 40;

/** The whole export section: directory, addresses, names in ascending order, ordinals, texts. */
export function exportSection(
  imageName: string,
  exported: readonly ExportedSymbol[],
  rva: number,
): Uint8Array {
  const symbols = exported.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const addressesAt = directorySize;
  const namesAt = addressesAt + 4 * symbols.length;
  const ordinalsAt = namesAt + 4 * symbols.length;
  const textsAt = ordinalsAt + 2 * symbols.length;
  const tables = new Uint8Array(textsAt);
  const texts = [asciiBytes(imageName, true), ...symbols.map(({ name }) => asciiBytes(name, true))];
  writeU32(tables, 12, rva + textsAt);
  writeU32(tables, 16, 1);
  writeU32(tables, 20, symbols.length);
  writeU32(tables, 24, symbols.length);
  writeU32(tables, 28, rva + addressesAt);
  writeU32(tables, 32, rva + namesAt);
  writeU32(tables, 36, rva + ordinalsAt);
  let textAt = rva + textsAt + texts[0]!.length;
  for (const [index, symbol] of symbols.entries()) {
    writeU32(tables, addressesAt + 4 * index, symbol.rva);
    writeU32(tables, namesAt + 4 * index, textAt);
    writeU16(tables, ordinalsAt + 2 * index, index);
    textAt += texts[index + 1]!.length;
  }
  return concatBytes([tables, ...texts]);
}
