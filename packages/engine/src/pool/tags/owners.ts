import { builtInTags } from '../tables/tags.ts';
import { parseTagFile, type TagOwner } from './file.ts';

/** Who uses which pool tag, as far as a file or the built-in table says. */
export class TagOwners {
  readonly #exact = new Map<string, TagOwner>();
  readonly #wild: TagOwner[] = [];
  readonly #next: TagOwners | undefined;

  /** What these do not know is asked of `next`. */
  constructor(owners: readonly TagOwner[], next?: TagOwners) {
    this.#next = next;
    for (const owner of owners) {
      const isWild = /[*?]/.test(owner.pattern);
      if (isWild) this.#wild.push(owner);
      else if (!this.#exact.has(owner.pattern)) this.#exact.set(owner.pattern, owner);
    }
    // The more characters a pattern names, the more it says of a tag.
    this.#wild.sort((a, b) => literals(b.pattern) - literals(a.pattern));
  }

  /** A tag of four characters; one that is named as a whole goes before wildcards. */
  find(tag: string): TagOwner | undefined {
    const wanted = tag.padEnd(4);
    return (
      this.#exact.get(wanted) ??
      this.#wild.find(({ pattern }) => fits(pattern, wanted)) ??
      this.#next?.find(wanted)
    );
  }
}

const literals = (pattern: string): number => pattern.replaceAll(/[*?\s]/g, '').length;

/** `?` is any character, `*` any rest. */
function fits(pattern: string, tag: string): boolean {
  for (let at = 0; at < 4; at++) {
    const wanted = pattern[at];
    if (wanted === '*') return true;
    if (wanted !== '?' && wanted !== tag[at]) return false;
  }
  return true;
}

let known: TagOwners | undefined;

/** The built-in table. */
export function builtInOwners(): TagOwners {
  known ??= new TagOwners(parseTagFile(builtInTags, 'built-in'));
  return known;
}

/** A pooltag.txt, and the built-in table for tags that it does not know. */
export const ownersOfFile = (text: string): TagOwners => new TagOwners(parseTagFile(text), builtInOwners());

/** The owner of a tag by the built-in table. */
export const tagOwner = (tag: string): TagOwner | undefined => builtInOwners().find(tag);
