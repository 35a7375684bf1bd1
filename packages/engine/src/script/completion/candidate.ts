/** One thing that may stand where the cursor is. */
export interface Candidate {
  /** Takes the place of the word. */
  readonly text: string;
  readonly kind: 'command' | 'module' | 'symbol' | 'register' | 'alias';
  /** What a command does, in one line. */
  readonly summary?: string;
}

/** More than a person reads. */
export const maxCandidates = 200;

/** What may follow what is typed. */
export interface Completion {
  /** Where the word begins that a candidate takes the place of; it ends at the cursor. */
  readonly from: number;
  /** In alphabetical order; at most `maxCandidates`. */
  readonly candidates: readonly Candidate[];
  /** How many there are in all. */
  readonly total: number;
  /** What all of them begin with, also those beyond the limit. */
  readonly prefix: string;
  /** The word is the name of a file: the host knows more. */
  readonly wantsFile: boolean;
}

/** A completion with the candidates that were found, each text once. */
export function completionOf(from: number, found: readonly Candidate[], wantsFile = false): Completion {
  const byText = new Map(found.map((candidate) => [candidate.text, candidate]));
  const keyed = [...byText].map(([text, candidate]) => ({
    key: `${text.toLowerCase()}\0${text}`,
    candidate,
  }));
  const sorted = keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ candidate }) => candidate);
  return {
    from,
    candidates: sorted.slice(0, maxCandidates),
    total: sorted.length,
    prefix: commonPrefix([...byText.keys()]),
    wantsFile,
  };
}

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? '';
  for (const text of texts) {
    let length = 0;
    while (length < prefix.length && prefix[length] === text[length]) length++;
    prefix = prefix.slice(0, length);
  }
  return prefix;
}
