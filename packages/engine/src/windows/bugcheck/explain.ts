import { findEntry } from './catalogue.ts';
import { baseCodeOf, bugCheckName } from './names.ts';
import { hex } from './values.ts';

/** What is known of a bug check apart from any crash. */
export interface BugCheckEntry {
  readonly code: number;
  readonly name: string;
  readonly description: string;
  /** What the four parameters are; undefined when that depends on their values (`varies`), or is not known. */
  readonly parameters: readonly string[] | undefined;
  readonly varies: boolean;
  readonly subcodes: Subcodes | undefined;
}

/** The meanings of the parameter that says which kind of violation it is. */
export interface Subcodes {
  /** 1 to 4. */
  readonly parameter: number;
  /** In order of their codes. */
  readonly known: readonly { readonly code: number; readonly text: string }[];
}

/** The catalogue's entry of a code, without any parameters. An `M` code has the entry of its base code. */
export function explainBugCheck(code: number): BugCheckEntry {
  const unsigned = code >>> 0;
  const entry = findEntry(baseCodeOf(unsigned));
  const name = bugCheckName(unsigned);
  return {
    code: unsigned,
    name: name ?? `BUGCHECK_0x${hex(unsigned)}`,
    description: entry?.text ?? (name === undefined ? 'This code has no public name.' : nameOnly),
    parameters: entry?.always?.parameters.map(({ text }) => text),
    varies: entry !== undefined && entry.always === undefined,
    subcodes: entry?.cases && {
      parameter: entry.cases.selector + 1,
      known: [...entry.cases.known]
        .map(([subcode, { text }]) => ({ code: subcode, text }))
        .sort((a, b) => a.code - b.code),
    },
  };
}

const nameOnly = 'Only the name of this bug check is public; the meaning of its parameters is not known.';
