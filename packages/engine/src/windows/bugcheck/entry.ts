import type { BugCheckFacts, ParameterRole, PoolRelation } from './types.ts';

/** One parameter: its role, what it is in a few words, and how its value reads where a value has a meaning. */
export interface Parameter {
  readonly role: ParameterRole;
  readonly text: string;
  readonly read?: (value: bigint, facts: BugCheckFacts) => string;
}

export type Parameters = readonly [Parameter, Parameter, Parameter, Parameter];

/** Parameters of one set of facts, with a sentence of their own where there is something to add. */
export interface Variant {
  readonly parameters: Parameters;
  readonly detail?: string;
  readonly pool?: PoolRelation;
}

/** What one sub-code means, and the three other parameters in their order. */
export interface Case {
  readonly text: string;
  readonly others: readonly [Parameter, Parameter, Parameter];
  readonly pool: PoolRelation;
}

/** The parameter (0 to 3) that holds the sub-code, and the known ones. */
export interface Cases {
  readonly selector: number;
  readonly known: ReadonlyMap<number, Case>;
}

/** One bug check. `text` is a whole sentence or two, ending in a full stop. */
export interface Entry {
  readonly code: number;
  readonly pool: PoolRelation;
  readonly text: string;
  readonly variant: (facts: BugCheckFacts) => Variant;
  /** Present when the parameters always mean the same. */
  readonly always?: Variant;
  /** Present when a sub-code decides. */
  readonly cases?: Cases;
}

export const reserved: Parameter = { role: 'reserved', text: 'reserved' };
export const undocumented: Parameter = { role: 'value', text: 'not documented' };

/** Parameters that are left out are reserved. */
const fill = ([a = reserved, b = reserved, c = reserved, d = reserved]: readonly Parameter[]): Parameters => [
  a,
  b,
  c,
  d,
];

/** A bug check whose parameters always mean the same. */
export function fixed(code: number, pool: PoolRelation, text: string, ...parameters: Parameter[]): Entry {
  const variant = { parameters: fill(parameters) };
  return { code, pool, text, always: variant, variant: () => variant };
}

/** A bug check whose parameters depend on more than one number. */
export const varying = (
  code: number,
  pool: PoolRelation,
  text: string,
  variant: (facts: BugCheckFacts) => Variant,
): Entry => ({ code, pool, text, variant });

export const variantOf = (parameters: readonly Parameter[], detail?: string): Variant =>
  detail === undefined ? { parameters: fill(parameters) } : { parameters: fill(parameters), detail };

/** Sub-code: its meaning in lower case, then the other parameters; those left out are reserved. */
export type CaseRows = Readonly<Record<number, readonly [text: string, ...others: Parameter[]]>>;

/** Rows with a relation to pool of their own. */
export interface Group {
  readonly pool: PoolRelation;
  readonly rows: CaseRows;
}

export const group = (pool: PoolRelation, rows: CaseRows): Group => ({ pool, rows });

/** A bug check whose parameter number `at` (1 to 4) holds a sub-code. `pool` holds for sub-codes that are not known. */
export function subcoded(
  code: number,
  pool: PoolRelation,
  text: string,
  at: 1 | 2 | 3 | 4,
  ...rows: (CaseRows | Group)[]
): Entry {
  const groups = rows.map((each) => (isGroup(each) ? each : group(pool, each)));
  const cases: Cases = { selector: at - 1, known: new Map(groups.flatMap(casesOf)) };
  return { code, pool, text, cases, variant: ({ parameters }) => caseVariant(cases, parameters[at - 1]!) };
}

const isGroup = (rows: CaseRows | Group): rows is Group => 'rows' in rows;

const casesOf = ({ pool, rows }: Group): [number, Case][] =>
  Object.entries(rows).map(([subcode, [text, ...others]]) => {
    const [a, b, c] = fill(others);
    return [Number(subcode), { text, others: [a, b, c], pool }];
  });

const dependent: Parameter = { role: 'value', text: 'depends on the sub-code' };

function caseVariant({ selector, known }: Cases, value: bigint): Variant {
  const found = value > 0xffff_ffffn ? undefined : known.get(Number(value));
  const code = value.toString(16);
  const text = found?.text ?? 'unknown sub-code';
  const parameters: Parameter[] = [...(found?.others ?? [dependent, dependent, dependent])];
  parameters.splice(selector, 0, { role: 'subcode', text: `${code}: ${text}` });
  const detail = found === undefined ? `The meaning of sub-code ${code} is not known.` : sentence(text);
  return { ...variantOf(parameters, detail), ...(found === undefined ? {} : { pool: found.pool }) };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
