/** One place of a pattern: the characters that fit, and how often. */
interface Place {
  readonly fits: (character: string) => boolean;
  readonly repeats: 'once' | 'any' | 'some';
}

/**
 * Does a text match a pattern of the debugger's string wildcards, in capitals or not? `*` is any text, `?` any character,
 * `[a-f]` one of a list; `#` behind a place repeats it any number of times, `+` at least once; `\` takes the next
 * character as it is. Takes at most length of text times length of pattern steps.
 */
export const matchesWildcard = (text: string, pattern: string): boolean => wildcardMatcher(pattern)(text);

/** The same for many texts. */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  const places = readPlaces(pattern.toLowerCase());
  return (text) => fitsPlaces(text, places);
}

function fitsPlaces(text: string, places: readonly Place[]): boolean {
  let reached = closure(places, new Uint8Array(places.length + 1).fill(1, 0, 1));
  for (const character of text.toLowerCase()) {
    const next = new Uint8Array(places.length + 1);
    places.forEach(({ fits, repeats }, at) => {
      if (reached[at] === 0 || !fits(character)) return;
      next[at + 1] = 1;
      if (repeats !== 'once') next[at] = 1;
    });
    reached = closure(places, next);
  }
  return reached[places.length] === 1;
}

/** Places that need no character can be passed over. */
function closure(places: readonly Place[], reached: Uint8Array): Uint8Array {
  places.forEach(({ repeats }, at) => {
    if (reached[at] === 1 && repeats === 'any') reached[at + 1] = 1;
  });
  return reached;
}

const any = (): boolean => true;

function readPlaces(pattern: string): Place[] {
  const places: Place[] = [];
  for (let at = 0; at < pattern.length; ) {
    const { fits, length, star } = readPlace(pattern, at);
    at += length;
    const sign = star ? undefined : pattern[at];
    if (sign === '#' || sign === '+') at++;
    places.push({ fits, repeats: star || sign === '#' ? 'any' : sign === '+' ? 'some' : 'once' });
  }
  // One or more times is once, and then any number of times.
  return places.flatMap((place) =>
    place.repeats === 'some'
      ? [
          { ...place, repeats: 'once' as const },
          { ...place, repeats: 'any' as const },
        ]
      : [place],
  );
}

function readPlace(pattern: string, at: number): { fits: Place['fits']; length: number; star: boolean } {
  const character = pattern[at]!;
  if (character === '*') return { fits: any, length: 1, star: true };
  if (character === '?') return { fits: any, length: 1, star: false };
  const close = character === '[' ? pattern.indexOf(']', at + 1) : -1;
  if (close > 0) return { fits: listOf(pattern.slice(at + 1, close)), length: close + 1 - at, star: false };
  const escaped = character === '\\' && at + 1 < pattern.length;
  const literal = escaped ? pattern[at + 1]! : character;
  return { fits: (each) => each === literal, length: escaped ? 2 : 1, star: false };
}

/** `er-t7`: single characters and ranges. */
function listOf(list: string): Place['fits'] {
  const parts = list.match(/[^]-[^]|[^]/g) ?? [];
  return (character) =>
    parts.some((part) =>
      part.length === 3 ? character >= part[0]! && character <= part[2]! : character === part,
    );
}
