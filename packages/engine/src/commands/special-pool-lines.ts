import type { Va } from '../base/index.ts';
import type { ChangedBytes, PageState, SpecialBlock, SpecialPool } from '../pool/index.ts';
import { tagText } from '../pool/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { hexText } from './object-text.ts';
import { type Line, span } from './output.ts';

/** Changed bytes that are shown of one place, and places of one block. */
const [maxBytes, maxPlaces] = [16, 16];

/**
 * An address in special pool in the debugger's layout, and behind it what that does not say: changed bytes, the guard page,
 * and how it is known. `ownerLines` are those of a tag.
 */
export function specialPoolLines(
  system: CrashedSystem,
  va: Va,
  special: SpecialPool,
  ownerLines: (tag: number) => readonly Line[],
): Line[] {
  const { plainText } = system;
  const region: Line = [`Pool page ${plainText(va)} region is Special pool`];
  if (special.state !== 'allocated' || special.block === undefined)
    return [
      region,
      [span(plainText(special.page), 'address'), ': Unable to get contents of special pool block'],
      [span(whyNoBlock(system, special), 'dim')],
      reasonLine(special),
    ];
  const { block } = special;
  const kind = block.paged ? 'Paged' : 'NonPaged';
  return [
    region,
    [
      '*',
      span(plainText(block.page), 'address', `!pte ${plainText(block.page)}`),
      ` size: ${block.size.toString(16).padStart(4)} data: `,
      span(plainText(block.address), 'address', `!verifier 80 ${plainText(block.address)}`),
      ` (${kind}) *${tagText(block.tag)}`,
    ],
    ...ownerLines(block.tag),
    ...changeLines(system, block),
    ...guardLine(system, block.guard),
    reasonLine(special),
  ];
}

const reasonLine = ({ trust, reasons }: SpecialPool): Line => [
  span(`${trust === 'proven' ? 'Special pool' : 'Probably special pool'}: ${reasons.join('; ')}.`, 'dim'),
];

function whyNoBlock(system: CrashedSystem, { state, isFreed, block, pageState }: SpecialPool): string {
  const address = (va: Va): string => system.plainText(va);
  switch (state) {
    case 'guard':
      return `The page guards the block of ${block!.size.toString(16)} bytes at ${address(block!.address)}.`;
    case 'not-mapped':
      return isFreed === true
        ? `The block on this page was freed: ${entryText(pageState)}.`
        : `Nothing is mapped here: the block was freed, or there never was one; ${entryText(pageState)}.`;
    case 'unreadable':
      return 'The page is not in this dump.';
    case 'allocated':
    case 'unrecognised':
      return 'The page is in the dump, and no header of a block is on it.';
  }
}

const entryText = ({ level, entry }: PageState): string =>
  `the ${level ?? 'entry'} is not valid${entry === undefined ? '' : ` (contains ${hexText(entry, 16).toUpperCase()})`}`;

function changeLines(system: CrashedSystem, { slop, pattern }: SpecialBlock): Line[] {
  const places = slop.flatMap(({ side, changed }) => changed.map((each) => ({ side, ...each })));
  if (places.length === 0) return [];
  const left = places.length - maxPlaces;
  return [
    [span(`Bytes around the block are not the ${hexText(pattern, 2)} that the page was filled with:`, 'bad')],
    ...places.slice(0, maxPlaces).map((place) => changeLine(system, place)),
    ...(left > 0 ? [[span(`  and ${left} more places`, 'dim')]] : []),
  ];
}

function changeLine(
  { plainText }: CrashedSystem,
  { side, start, found, isSingleBit }: ChangedBytes & { readonly side: 'before' | 'after' },
): Line {
  const shown = [...found.subarray(0, maxBytes)].map((byte) => hexText(byte, 2)).join(' ');
  const length = `${found.length.toString(16)} ${found.length === 1 ? 'byte' : 'bytes'}`;
  return [
    '  ',
    span(plainText(start), 'address', `db ${plainText(start)} L${found.length.toString(16)}`),
    ` ${length} ${side} the block: ${shown}${found.length > maxBytes ? ' ...' : ''}`,
    ...(isSingleBit ? [span(' (one bit: memory may be bad)', 'warning')] : []),
  ];
}

function guardLine({ plainText }: CrashedSystem, guard: PageState): Line[] {
  if (guard.state === 'in-use')
    return [[span(`The page that should guard it, ${plainText(guard.page)}, is in use.`, 'warning')]];
  const what = guard.state === 'unknown' ? 'this dump does not tell whether it is valid' : entryText(guard);
  return [[span(`Guard page ${plainText(guard.page)}: ${what}.`, 'dim')]];
}
