import { findEntry } from './catalogue.ts';
import { type Entry, type Parameter, undocumented, type Variant, variantOf } from './entry.ts';
import { baseCodeOf, bugCheckName } from './names.ts';
import type { BugCheck, BugCheckFacts } from './types.ts';
import { hex } from './values.ts';

/**
 * The bug check in words: name, description, and for each parameter its role and meaning under this sub-code, build
 * and machine. Never fails: what is not known is said to be unknown. Only the first `given` parameters have a value; of
 * the others it is told what they are, not what their value means.
 */
export function describeBugCheck(facts: BugCheckFacts, given = 4): BugCheck {
  const code = facts.code >>> 0;
  const [a, b, c, d] = facts.parameters.map((value) => BigInt.asUintN(64, value));
  const clean: BugCheckFacts = { ...facts, code, parameters: [a!, b!, c!, d!] };
  const baseCode = baseCodeOf(code);
  const entry = findEntry(baseCode);
  const variant = entry?.variant(clean) ?? unknownVariant;
  const [w, x, y, z] = variant.parameters;
  const meaning = (parameter: Parameter, index: number): string =>
    (index < given ? parameter.read?.(clean.parameters[index]!, clean) : undefined) ?? parameter.text;
  return {
    code,
    baseCode,
    name: bugCheckName(code) ?? `BUGCHECK_0x${hex(code)}`,
    description: describe(code, entry, variant),
    meanings: [meaning(w, 0), meaning(x, 1), meaning(y, 2), meaning(z, 3)],
    roles: [w.role, x.role, y.role, z.role],
    relatesToPool: variant.pool ?? entry?.pool ?? 'maybe',
  };
}

const unknownVariant: Variant = variantOf([undocumented, undocumented, undocumented, undocumented]);

function describe(code: number, entry: Entry | undefined, { detail }: Variant): string {
  if (entry !== undefined) return detail === undefined ? entry.text : `${entry.text} ${detail}`;
  return bugCheckName(code) === undefined
    ? 'This code has no public name, and the meaning of its parameters is not known.'
    : 'Only the name of this bug check is public; the meaning of its parameters is not known.';
}
