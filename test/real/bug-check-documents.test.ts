import { describeBugCheck, explainBugCheck } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedText } from '../shared-files.ts';

/** One sub-code as the vendor's page has it: the cells of the other three parameters, in the order of the parameters. */
interface Row {
  readonly subcode: number;
  readonly others: readonly string[];
}

const plain = (html: string): string =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Rows of a table in HTML or in Markdown: cells as text. */
function cellsOf(page: string): string[][] {
  const html = [...page.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell]) => plain(cell!)),
  );
  const markdown = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .trim()
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  return [...html, ...markdown].filter((cells) => cells.length >= 4);
}

function rowsOf(page: string, selector: number): Row[] {
  return cellsOf(page).flatMap((cells) => {
    // The last cell is the cause, also where a row lacks one.
    const parameters = cells.slice(0, Math.min(4, cells.length - 1));
    const subcodes = [...(parameters[selector] ?? '').matchAll(/0x([0-9a-f]+)/gi)].map(([, digits]) =>
      Number.parseInt(digits!, 16),
    );
    const others = parameters.filter((_, index) => index !== selector);
    return subcodes.map((subcode) => ({ subcode, others }));
  });
}

/** Pages at hand whose sub-codes stand in tables: file, code, parameter (from 0), sub-codes. */
const pages = [
  ['bug-check-0x19--bad-pool-header.md', 0x19, 0, 17],
  ['bug-check-0xc1--special-pool-detected-memory-corruption.md', 0xc1, 3, 8],
  ['bug-check-0xc2--bad-pool-caller.md', 0xc2, 0, 28],
  ['bug-check-0xc4--driver-verifier-detected-violation.md', 0xc4, 0, 244],
] as const;

const isSilent = (cell: string): boolean => /^(0|0x0|-|zero|reserved( \(unused\))?\.?)?$/i.test(cell);

describe.skipIf(!hasShared)("the vendor's pages about pool", () => {
  it.each(pages)('%s: every sub-code is explained', (file, code, selector, count) => {
    const rows = rowsOf(sharedText(`logs/driver-docs/${file}`), selector);
    const listed = new Set(rows.map(({ subcode }) => subcode));
    expect(listed.size).toBe(count);
    const known = new Set(explainBugCheck(code).subcodes!.known.map((each) => each.code));
    expect([...listed].filter((subcode) => !known.has(subcode))).toEqual([]);
  });

  it.each(pages)('%s: what a page says of a parameter, we do', (file, code, selector) => {
    const missing = rowsOf(sharedText(`logs/driver-docs/${file}`), selector).flatMap(
      ({ subcode, others }) => {
        const parameters: [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n];
        parameters[selector] = BigInt(subcode);
        const { meanings } = describeBugCheck({ code, parameters, build: 19041, machine: 'x64' });
        const ours = meanings.filter((_, index) => index !== selector);
        return others.flatMap((cell, index) =>
          isSilent(cell) || !/^(reserved|not documented)$/.test(ours[index]!)
            ? []
            : [`${subcode.toString(16)}: ${cell}`],
        );
      },
    );
    expect(missing).toEqual([]);
  });

  it('0x13A: every kind of damage is explained', () => {
    const page = sharedText('logs/driver-docs/bug-check-0x13a--kernel-mode-heap-corruption.md');
    const listed = [...page.matchAll(/^0x([0-9A-F]+): /gm)].map(([, digits]) => Number.parseInt(digits!, 16));
    expect(listed.length).toBe(21);
    expect(explainBugCheck(0x13a).subcodes!.known.map(({ code }) => code)).toEqual(listed);
  });
});
