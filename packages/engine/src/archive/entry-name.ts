const longestName = 200;

/** Characters 0x80 to 0xFF of code page 437, which zip names are in unless they say UTF-8 (APPNOTE.TXT, appendix D). */
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
  'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** A zip entry's name: UTF-8 where the bytes are UTF-8, which many programs write without saying so, else code page 437. */
export function decodeEntryName(bytes: Uint8Array): string {
  return printableName(decodeUtf8(bytes) ?? decodeCodePage437(bytes));
}

/** A name out of an archive, fit for a terminal: no control or direction characters, not endless. */
export function printableName(name: string): string {
  const shown = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
  return shown.length <= longestName ? shown : `${shown.slice(0, longestName)}...`;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

function decodeCodePage437(bytes: Uint8Array): string {
  let name = '';
  for (const byte of bytes) name += byte < 0x80 ? String.fromCharCode(byte) : codePage437[byte - 0x80]!;
  return name;
}
