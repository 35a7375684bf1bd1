import type { Va } from '../../base/index.ts';
import { runToEnd, searchMemory, textPattern } from '../../memory/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { SuspectReason } from './finding.ts';

/** Shorter pieces stand in many images by chance. */
const shortest = 5;
const longest = 256;
/** Pieces of a text that are looked for. */
const mostPieces = 6;
/** Where a text stands in more images than these it says nothing. */
const mostHolders = 4;

/**
 * Modules whose images hold the text of the damage, or the most telling piece of it that any image holds. `inside`: characters that
 * stand in the block still; a piece of them alone says little of who wrote past its end.
 */
export function suspectsByText(system: CrashedSystem, text: string, inside = 0): SuspectReason[] {
  for (const piece of pieces(text, inside)) {
    const holders = system.modules.flatMap(({ image, base, size }) => {
      const at = findIn(system, piece, base, size);
      return at === undefined ? [] : [{ image, ...at }];
    });
    if (holders.length === 0 || holders.length > mostHolders) continue;
    const isBehind = reachesBehind(text, piece, inside);
    const rule = holders.length === 1 && isBehind ? 'holds-text' : 'shares-text';
    return holders.map(({ image, at, unit }) => ({
      module: image,
      rule,
      because: `holds ${isBehind ? 'the text' : 'what stands in the block of the text,'} "${piece}" at ${system.symbols.nameOf(at) ?? system.shortText(at)}`,
      ground: {
        rule: 'payload-in-image',
        claim: `The text "${piece}" stands in ${holders.length === 1 ? 'one loaded image only' : `${holders.length} loaded images`}: ${image}, at ${system.shortText(at)}.`,
        command: `!for_each_module s -${unit === 1 ? 'a' : 'u'} @#Base @#End "${piece.replaceAll(/["\\]/g, '\\$&')}"; lm a ${system.shortText(at)}`,
      },
    }));
  }
  return [];
}

/**
 * The text as a whole, then parts of it: what is left between long runs of one character, the longest first, and its ends. Those that
 * reach behind the end of the block come first.
 */
function pieces(text: string, inside: number): string[] {
  const parts = text
    .replaceAll(/(.)\1{3,}/gsu, '\n$1')
    .split(/[\r\n\t]+/)
    .sort((a, b) => b.length - a.length);
  const all = [text, ...parts, text.slice(-16), text.slice(0, 16)];
  const [behind, before] = [
    all.filter((piece) => reachesBehind(text, piece, inside)),
    all.filter((piece) => !reachesBehind(text, piece, inside)),
  ];
  const found = [...behind, ...before]
    .filter((piece) => piece.length >= shortest && piece.length <= longest && new Set(piece).size >= 4)
    .filter((piece) => !/[\r\n\t]/.test(piece));
  return [...new Set(found)].slice(0, mostPieces);
}

const reachesBehind = (text: string, piece: string, inside: number): boolean =>
  text.lastIndexOf(piece) + piece.length > inside;

/** One byte a character, or two. */
function findIn(
  system: CrashedSystem,
  text: string,
  base: Va,
  size: number,
): { readonly at: Va; readonly unit: 1 | 2 } | undefined {
  const range = { start: base, end: base + BigInt(size) };
  for (const unit of [1, 2] as const) {
    const { hits } = runToEnd(searchMemory(system.memory, range, textPattern(text, unit), { limit: 1 }));
    if (hits[0] !== undefined) return { at: hits[0], unit };
  }
  return undefined;
}
