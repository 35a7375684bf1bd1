const colours = 8;

/** The same tag has the same colour in every drawing, also in reports. */
export function tagClass(tag: string | null): string {
  let sum = 0;
  for (const character of tag?.trim() ?? '') sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return `tag${sum % colours}`;
}
