import type { Trust } from '../unwind/index.ts';
import { isReporter } from './kernel-modules.ts';

/** One part of a signature and the rule that chose it. */
export interface SignaturePart {
  readonly rule: string;
  readonly value: string;
  readonly why: string;
}

export interface SignatureInput {
  readonly code: number;
  readonly name: string;
  readonly subcode: string | undefined;
  readonly kind: string;
  /** Where the faulting instruction is: `module!function`, `module`, undefined outside of all modules or without a fault. */
  readonly faultPlace: string | undefined;
  readonly stack: readonly SignatureFrame[];
}

/** Places are named by what the dump itself holds, so that symbols do not change a signature. */
export interface SignatureFrame {
  readonly trust: Trust;
  readonly module: string | undefined;
  readonly place: string | undefined;
}

interface Rule {
  readonly name: string;
  part(input: SignatureInput): { value: string; why: string } | undefined;
}

/** Frames that were found by scanning may be left over from earlier calls and are not used. */
const reliable = (frame: SignatureFrame): boolean => frame.trust !== 'scan';

/** Applied in this order; parts never hold addresses or names of machines, users or processes. */
const rules: readonly Rule[] = [
  { name: 'bug-check', part: ({ name }) => ({ value: name, why: 'the bug check' }) },
  {
    name: 'subcode',
    part: ({ subcode }) =>
      subcode === undefined ? undefined : { value: subcode, why: 'its sub-code or exception code' },
  },
  {
    name: 'kind',
    part: ({ kind }) => (kind === 'unknown' ? undefined : { value: kind, why: 'the verdict' }),
  },
  {
    name: 'faulting-function',
    part: ({ faultPlace }) =>
      faultPlace === undefined
        ? undefined
        : { value: faultPlace, why: 'the place of the faulting instruction, without its offset' },
  },
  {
    name: 'first-other-module',
    part: ({ stack, faultPlace }) => {
      if (faultPlace !== undefined) return undefined;
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

export function explainSignature(input: SignatureInput): SignaturePart[] {
  return rules.flatMap((rule) => {
    const part = rule.part(input);
    return part === undefined ? [] : [{ rule: rule.name, ...part }];
  });
}

/** Stable over boots and machines: what buckets of dumps are made of. */
export const signatureText = (parts: readonly SignaturePart[]): string =>
  parts.map((part) => part.value).join('|');
