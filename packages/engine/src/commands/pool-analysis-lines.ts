import {
  type ExpectedHeader,
  fieldOfBit,
  type PoolPage,
  type PoolProblem,
  poolFormat,
  tagText,
} from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, plain, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

/** What is wrong with a page, below the line that says so: as `!poolval` shows it, and `!pool` on a damaged page. */
export function analysisLines(console: Console, page: PoolPage): Line[] {
  return [
    ['Analyzing linked list...'],
    ...regionLines(console, page),
    ...page.problems.flatMap((problem) => problemLine(console, problem)),
    [],
    [],
    ['Scanning for single bit errors...'],
    [],
    ...bitLines(console, page),
    ...expectedLines(console, page),
  ];
}

/** The extents of damage that are longer than a header. */
export function regionLines({ system }: Console, { unexplained }: Pick<PoolPage, 'unexplained'>): Line[] {
  return unexplained
    .filter(
      ({ start, end, reason }) => reason === 'damaged' && end - start > BigInt(system.target.pointerSize * 2),
    )
    .map(({ start, end }): Line => {
      const [from, to] = [system.plainText(start), system.plainText(BigInt.asUintN(64, end))];
      return [
        '[ ',
        span(from, 'address', `db ${from}`),
        ` --> ${to} (size = 0x${(end - start).toString(16)} bytes)]: `,
        span('Corrupt region', 'bad'),
      ];
    });
}

/** Sizes in units, as they stand in the header. */
function problemLine(console: Console, { rule, at, found, expected }: PoolProblem): Line[] {
  const { system } = console;
  const unit = BigInt(poolFormat(system).unit);
  const units = (bytes: bigint | undefined): string => `[ 0x${((bytes ?? 0n) / unit).toString(16)} ]`;
  const line = (text: string): Line[] => [['[ ', span(system.plainText(at), 'address'), ` ]: ${text}`]];
  switch (rule) {
    case 'first-previous-size':
    case 'previous-size':
      return line(`invalid previous size ${units(found)} should be ${units(expected)}`);
    case 'size':
      return found === undefined
        ? line('invalid size')
        : line(`invalid size ${units(found)} should be ${units(expected)}`);
    case 'size-zero':
      return line('invalid size [ 0x0 ]');
    case 'size-past-page':
      return line('invalid size: the block would end behind the page');
    case 'type':
      return line(`invalid type [ ${hex(found)} ]`);
    case 'index':
      return line(`invalid index [ ${hex(found)} ] should be [ ${hex(expected)} ]`);
    case 'pool':
      return line(`invalid type [ ${hex(found)} ]: the rest of the page is of another pool`);
    case 'free-link':
      return line(linkText(console, found, expected));
    // The region says it.
    case 'header':
    case 'no-header':
    case 'start':
      return [];
  }
}

const hex = (value: bigint | undefined): string => (value === undefined ? '?' : `0x${value.toString(16)}`);

function linkText({ system }: Console, found: bigint | undefined, expected: bigint | undefined): string {
  const text = (value: bigint | undefined) => (value === undefined ? '?' : system.plainText(value));
  return expected === undefined
    ? `invalid link [ ${text(found)} ]`
    : `invalid link [ ${text(found)} ] should be [ ${text(expected)} ]`;
}

const fieldNames: Readonly<Record<string, string>> = {
  previousSize: 'previous size',
  index: 'index',
  size: 'size',
  type: 'type',
};

function bitLines({ system }: Console, { bitErrors }: PoolPage): Line[] {
  if (bitErrors.length === 0) return plain('None found');
  const format = poolFormat(system);
  return bitErrors.map((error): Line => {
    const { field, found, expected } = fieldOfBit(error, format);
    const name = fieldNames[field] ?? field;
    const change = `${name} [ 0x${found.toString(16)} ] with bit ${error.bit} of the header changed is [ 0x${expected.toString(16)} ]`;
    return ['[ ', span(system.plainText(error.at), 'address'), ` ]: ${change}, and the page is whole`];
  });
}

/** Our own: what the neighbours say that was there. */
function expectedLines(console: Console, { expected }: PoolPage): Line[] {
  return expected.flatMap((header): Line[] => [[span(expectedText(console, header), 'dim')]]);
}

function expectedText({ system }: Console, { at, previousSize, size, index, found }: ExpectedHeader): string {
  const known = [
    previousSize === undefined ? undefined : `previous size ${previousSize.toString(16)}`,
    size === undefined ? undefined : `size ${size.toString(16)}`,
    index === undefined ? undefined : `index ${index.toString(16)}`,
  ].filter((part) => part !== undefined);
  const there =
    found === undefined
      ? 'not in this dump'
      : `previous size ${found.previousSize.toString(16)}, size ${found.size.toString(16)}, index ${found.index.toString(16)}, type ${found.type.toString(16)}, tag ${shownTag(tagText(found.tag))}`;
  return `Its neighbours expect at ${system.plainText(at)}: ${known.join(', ')}. There is: ${there}.`;
}
