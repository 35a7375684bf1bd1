import { isReporter } from './kernel-modules.ts';
import type { FaultFacts, StackFrame } from './report.ts';

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
  readonly fault: FaultFacts | null;
  readonly stack: readonly StackFrame[];
}

interface Rule {
  readonly name: string;
  part(input: SignatureInput): { value: string; why: string } | undefined;
}

/** Frames that were found by scanning may be left over from earlier calls and are not used. */
const reliable = (frame: StackFrame): boolean => frame.trust !== 'scan';

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
    part: ({ fault }) => {
      const place = fault?.symbol === null || fault === null ? undefined : placeOf(fault.symbol);
      return place === undefined
        ? undefined
        : { value: place, why: 'the place of the faulting instruction, without its offset' };
    },
  },
  {
    name: 'first-other-module',
    part: ({ stack, fault }) => {
      if (fault !== null && fault.symbol !== null) return undefined;
      const frame = stack.find((each) => reliable(each) && each.module !== null && !isReporter(each.module));
      return frame === undefined
        ? undefined
        : {
            value: placeOf(frame.symbol ?? frame.module!),
            why: 'the first frame outside the kernel that is surely on the stack',
          };
    },
  },
];

/** `module!function` or `module`, without an offset. */
const placeOf = (symbol: string): string => symbol.replace(/\+0x[0-9a-f]+$/, '');

export function explainSignature(input: SignatureInput): SignaturePart[] {
  return rules.flatMap((rule) => {
    const part = rule.part(input);
    return part === undefined ? [] : [{ rule: rule.name, ...part }];
  });
}

/** Stable over boots and machines: what buckets of dumps are made of. */
export const signatureText = (parts: readonly SignaturePart[]): string =>
  parts.map((part) => part.value).join('|');
