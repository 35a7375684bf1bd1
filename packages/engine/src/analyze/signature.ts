import type { Trust } from '../unwind/index.ts';
import { isReporter } from './kernel-modules.ts';
import type { Verdict } from './report.ts';

/** One part of a signature and the rule that chose it. */
export interface SignaturePart {
  readonly rule: string;
  readonly value: string;
  readonly why: string;
}

/** What a signature is made of. */
export interface SignatureInput {
  /** Name of the bug check. */
  readonly name: string;
  readonly subcode: string | undefined;
  readonly verdict: Pick<Verdict, 'kind' | 'confidence' | 'block' | 'victims' | 'damage' | 'suspects'>;
  /** Bytes of a pool block's header. */
  readonly headerSize: number;
  /** Where the faulting instruction is: `module!function`, `module`, undefined outside of all modules or without a fault. */
  readonly faultPlace: string | undefined;
  readonly stack: readonly SignatureFrame[];
}

/** Places are named by what the dump itself holds, so that symbols do not change a signature. */
export interface SignatureFrame {
  readonly trust: Trust;
  readonly module: string | undefined;
  /** File name of the module. */
  readonly image: string | undefined;
  readonly place: string | undefined;
}

/**
 * What a signature tells apart crashes by.
 * - `damage`: pool was damaged before. What was written where is the same each time; which driver trips over it, and in what bug
 *   check, is chance and is left out.
 * - `deed`: the crash itself is the misuse of pool: the request or the access counts.
 * - `crash`: nothing likely is known of pool.
 */
type Shape = 'damage' | 'deed' | 'crash';

interface Rule {
  readonly name: string;
  readonly shapes: readonly Shape[];
  part(input: SignatureInput): { value: string; why: string } | undefined;
}

/** Verdicts and suspects below this may be others on the next boot. */
const likely = 0.5;

const shapeOf = ({ verdict: { kind, confidence, damage } }: SignatureInput): Shape => {
  if (kind === 'not-pool' || kind === 'unknown' || confidence < likely) return 'crash';
  return damage === null ? 'deed' : 'damage';
};

/** Frames that were found by scanning may be left over from earlier calls and are not used. */
const reliable = (frame: SignatureFrame): boolean => frame.trust !== 'scan';

const culpritOf = ({ verdict: { suspects } }: SignatureInput): string | undefined =>
  suspects[0] !== undefined && suspects[0].score >= likely ? suspects[0].module : undefined;

/** Is the driver at fault one that the place of the crash does not tell of, as that which has a request that others wait for? */
const isElsewhere = ({ verdict, faultPlace, stack }: SignatureInput, culprit: string): boolean =>
  verdict.kind === 'not-pool' &&
  faultPlace === undefined &&
  !stack.some(({ image }) => image?.toLowerCase() === culprit.toLowerCase());

/** Applied in this order; parts never hold addresses or names of machines, users or processes. */
const rules: readonly Rule[] = [
  {
    name: 'bug-check',
    shapes: ['deed', 'crash'],
    part: ({ name }) => ({ value: name, why: 'the bug check' }),
  },
  {
    name: 'subcode',
    shapes: ['deed', 'crash'],
    part: ({ subcode }) =>
      subcode === undefined ? undefined : { value: subcode, why: 'its sub-code or exception code' },
  },
  {
    name: 'kind',
    shapes: ['damage', 'deed', 'crash'],
    part: (input) => {
      const { kind, confidence } = input.verdict;
      const isSaid = kind === 'not-pool' || (kind !== 'unknown' && confidence >= likely);
      return isSaid ? { value: kind, why: 'the verdict' } : undefined;
    },
  },
  {
    name: 'tag',
    shapes: ['damage', 'deed'],
    part: ({ verdict }) => {
      const tag = verdict.block?.tag?.trimEnd() ?? '';
      return tag === '' ? undefined : { value: graphic(tag), why: "the tag of the verdict's block" };
    },
  },
  {
    name: 'block-size',
    shapes: ['damage', 'deed'],
    part: ({ verdict }) => {
      const size = verdict.block?.size ?? 0;
      if (size === 0) return undefined;
      const [from, to] = sizeClass(size);
      return { value: `block:0x${from.toString(16)}-0x${to.toString(16)}`, why: 'the class of its size' };
    },
  },
  { name: 'damage-place', shapes: ['damage'], part: damagePlace },
  {
    name: 'damage-length',
    shapes: ['damage'],
    part: ({ verdict }) => {
      const length = verdict.damage?.length ?? 0;
      if (length === 0) return undefined;
      const [from, to] = sizeClass(length);
      const value = from === to ? `length:${to}` : `length:${from}-${to}`;
      return { value, why: 'the class of the number of damaged bytes' };
    },
  },
  {
    name: 'culprit',
    shapes: ['damage', 'crash'],
    part: (input) => {
      const culprit = culpritOf(input);
      return culprit === undefined || (shapeOf(input) === 'crash' && !isElsewhere(input, culprit))
        ? undefined
        : { value: culprit.toLowerCase(), why: 'the first suspect, where it is a likely one' };
    },
  },
  {
    name: 'culprit-function',
    shapes: ['deed'],
    part: (input) => {
      const culprit = culpritOf(input)?.toLowerCase();
      if (culprit === undefined) return undefined;
      const frame = input.stack.find((each) => reliable(each) && each.image?.toLowerCase() === culprit);
      return {
        value: frame?.place ?? culprit,
        why: 'the first suspect, by its function on the stack where that is known',
      };
    },
  },
  {
    name: 'faulting-function',
    shapes: ['deed', 'crash'],
    part: (input) => {
      const { faultPlace } = input;
      return faultPlace === undefined || namesCulprit(input)
        ? undefined
        : { value: faultPlace, why: 'the place of the faulting instruction, without its offset' };
    },
  },
  {
    name: 'first-other-module',
    shapes: ['deed', 'crash'],
    part: (input) => {
      const { stack, faultPlace } = input;
      if (faultPlace !== undefined || namesCulprit(input)) return undefined;
      const frame = stack.find(
        (each) => reliable(each) && each.module !== undefined && !isReporter(each.module),
      );
      return frame?.place === undefined
        ? undefined
        : {
            value: frame.place,
            why: 'the first frame outside the kernel that is surely on the stack',
          };
    },
  },
];

/** Has the signature a name already? */
const namesCulprit = (input: SignatureInput): boolean =>
  shapeOf(input) === 'deed' && culpritOf(input) !== undefined;

/** Where the damage begins, seen from the block that it came out of, or from the block that was hit. */
function damagePlace({ verdict, headerSize }: SignatureInput): ReturnType<Rule['part']> {
  const { block, victims, damage } = verdict;
  if (damage === null) return undefined;
  const whose = block ?? victims[0];
  if (whose === undefined) return undefined;
  const offset = Number(BigInt(damage.start) - BigInt(whose.address));
  if (offset < 0) return { value: 'before', why: 'the damage begins before the block' };
  if (offset < headerSize && !isBare(block))
    return { value: `header+${hex(offset)}`, why: 'the damage begins in the header of the block' };
  if (block === null) return { value: 'body', why: 'the damage begins behind the header of the block' };
  if (block.size === null) return undefined;
  const behind = offset - block.size;
  if (behind < 0) return { value: `at+${hex(offset & ~7)}`, why: 'where in the block the damage begins' };
  return behind === 0
    ? { value: 'at-end', why: 'the damage begins where the block ends' }
    : { value: `end+${hex(behind)}`, why: 'how far behind the block the damage begins' };
}

/** Blocks without a header of their own. */
const isBare = (block: Verdict['block']): boolean =>
  block?.allocator === 'special' || block?.allocator === 'big' || block?.allocator === 'large';

const hex = (value: number): string => `0x${value.toString(16)}`;

/** From the power of two below to the next. */
function sizeClass(size: number): [number, number] {
  const to = 2 ** Math.ceil(Math.log2(size));
  return [Math.floor(to / 2) + 1, to];
}

/** A tag may be any four bytes; the bar separates parts. */
const graphic = (tag: string): string => tag.replaceAll(/[^!-{}~]/g, '.');

/** The parts that a signature is made of, each with the rule that it came from. */
export function explainSignature(input: SignatureInput): SignaturePart[] {
  const shape = shapeOf(input);
  return rules.flatMap((rule) => {
    const part = rule.shapes.includes(shape) ? rule.part(input) : undefined;
    return part === undefined ? [] : [{ rule: rule.name, ...part }];
  });
}

/** Stable over boots and machines: what buckets of dumps are made of. */
export const signatureText = (parts: readonly SignaturePart[]): string =>
  parts.map((part) => part.value).join('|');
