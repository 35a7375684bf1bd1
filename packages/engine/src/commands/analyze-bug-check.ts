import type { CrashedSystem } from '../system/index.ts';
import type { BugCheck, BugCheckEntry } from '../windows/index.ts';
import { type Line, plain, span } from './output.ts';
import { wrapText } from './wrap-text.ts';

const boxWidth = 79;
const textWidth = 78;

/** The box of stars above a report. */
export function titleBox(title: string): Line[] {
  const stars = '*'.repeat(boxWidth);
  const row = (text: string) => `*${text.padEnd(boxWidth - 2)}*`;
  return plain(stars, row(''), row(`${' '.repeat(24)}${title}`), row(''), stars);
}

const nameLine = (name: string, code: number): Line => [span(`${name} (${code.toString(16)})`, 'bad')];

/** Name, description, and each parameter with its meaning; values that were not given are left out. */
export function bugCheckLines(
  system: CrashedSystem,
  { name, code, description, meanings }: BugCheck,
  parameters: readonly bigint[],
): Line[] {
  return [
    nameLine(name, code),
    ...plain(...wrapText(description, textWidth), 'Arguments:'),
    ...meanings.map((meaning, index): Line => {
      const value = parameters[index];
      const label = `Arg${index + 1}: `;
      return value === undefined
        ? [`${label}${meaning}`]
        : [label, span(system.plainText(value), 'address'), `, ${meaning}`];
    }),
  ];
}

/** The same apart from any crash: what the parameters are, and the sub-codes that one of them may hold. */
export function bugCheckEntryLines({
  name,
  code,
  description,
  parameters,
  varies,
  subcodes,
}: BugCheckEntry): Line[] {
  return [
    nameLine(name, code),
    ...plain(...wrapText(description, textWidth)),
    ...(parameters === undefined && subcodes === undefined && !varies ? [] : plain('Arguments:')),
    ...plain(...(parameters ?? []).map((meaning, index) => `Arg${index + 1}: ${meaning}`)),
    ...subcodeLines(subcodes),
    ...(varies && subcodes === undefined
      ? plain(`What they are depends on their values: !analyze -show ${code.toString(16)} P1 P2 P3 P4`)
      : []),
  ];
}

function subcodeLines(subcodes: BugCheckEntry['subcodes']): Line[] {
  if (subcodes === undefined) return [];
  const { parameter, known } = subcodes;
  const width = Math.max(...known.map(({ code }) => code.toString(16).length)) + 4;
  return [
    ...plain(`Arg${parameter} says which kind it is; the others depend on it:`),
    ...plain(...known.map(({ code, text }) => `${code.toString(16).padStart(width)}: ${text}`)),
  ];
}
