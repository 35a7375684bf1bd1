import type { Report } from '../analyze/index.ts';
import { confidenceText, kindName } from '../report/index.ts';
import { type Line, plain, span } from './output.ts';
import { wrapText } from './wrap-text.ts';

const width = 78;

/** Our own block: kind and confidence, what it says, why, and what would settle the rest. */
export function verdictLines(head: string, verdict: Report['verdict']): Line[] {
  const { kind, summary, evidence, next } = verdict;
  const sure = confidenceText(verdict);
  return [
    [head, span(kindName(kind), 'heading'), sure === undefined ? '' : `  ${sure}`],
    ...plain(...wrapText(summary, width).map((line) => `  ${line}`)),
    ...evidence.flatMap(({ claim, command }, index) => evidenceLines(index + 1, claim, command)),
    ...next.flatMap((step) => plain(...wrapText(`Next: ${step}`, width).map((line) => `  ${line}`))),
  ];
}

function evidenceLines(number: number, claim: string, command: string): Line[] {
  const [first = '', ...rest] = wrapText(claim, 66);
  return [
    [`  ${number}  ${first.padEnd(68)}`, span(command, 'good', command)],
    ...plain(...rest.map((line) => `     ${line}`)),
  ];
}
