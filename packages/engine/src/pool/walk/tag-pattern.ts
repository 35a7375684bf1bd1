import { tagValue } from '../header.ts';

/** Tags that are looked for, as numbers: a tag fits if it has one of the values where the mask of that one is. */
export interface TagPattern {
  readonly masks: Uint32Array;
  readonly values: Uint32Array;
}

const tagLength = 4;
/** The bit that protects a tag is no part of it. */
const tagBits = 0x7fff_ffff;

/**
 * Tags by a text: `*` stands for any number of characters, `?` for one. Upper and lower case differ. Without `*` a text of
 * less than four characters ends in blanks. Undefined: it has more characters than a tag.
 */
export function tagPattern(text: string): TagPattern | undefined {
  const forms = text.includes('*') ? formsOf(text.replaceAll(/\*+/g, '*')) : [text.padEnd(tagLength)];
  const fitting = forms.filter(({ length }) => length === tagLength);
  if (fitting.length === 0) return undefined;
  return {
    masks: Uint32Array.from(fitting, (form) => maskOf(form) & tagBits),
    values: Uint32Array.from(fitting, (form) => tagValue(form) & maskOf(form) & tagBits),
  };
}

/** One tag by its number. */
export const exactTag = (value: number): TagPattern => ({
  masks: Uint32Array.of(tagBits),
  values: Uint32Array.of(value & tagBits),
});

/** Does a tag, as it stands in memory, fit? */
export function fitsTag({ masks, values }: TagPattern, tag: number): boolean {
  for (let at = 0; at < masks.length; at++) if ((tag & masks[at]!) >>> 0 === values[at]) return true;
  return false;
}

/** Bits that all tags that fit have alike: a first look for many tags. */
export function commonBits({ masks, values }: TagPattern): { readonly mask: number; readonly value: number } {
  let mask = masks[0]!;
  for (let at = 1; at < masks.length; at++) mask &= masks[at]! & ~(values[at]! ^ values[0]!);
  return { mask: mask >>> 0, value: (values[0]! & mask) >>> 0 };
}

/** The text with every `*` as so many `?` that four characters come out. Few: a tag has only four. */
function formsOf(text: string): string[] {
  const at = text.indexOf('*');
  if (at < 0) return [text];
  const room = tagLength - text.replaceAll('*', '').length;
  const forms: string[] = [];
  for (let count = 0; count <= room; count++)
    forms.push(...formsOf(text.slice(0, at) + '?'.repeat(count) + text.slice(at + 1)));
  return forms;
}

function maskOf(form: string): number {
  let mask = 0;
  for (let at = tagLength - 1; at >= 0; at--) mask = mask * 0x100 + (form[at] === '?' ? 0 : 0xff);
  return mask;
}
