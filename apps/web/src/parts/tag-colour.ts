const colours = 8;

/** The same tag has the same colour in every drawing, also in reports. */
export function tagColour(tag: string | null): number {
  let sum = 0;
  for (const character of tag?.trim() ?? '') sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return sum % colours;
}

export const tagClass = (tag: string | null): string => `tag${tagColour(tag)}`;
