import type { CrashedSystem } from '../../system/index.ts';
import type { DamageRule, PageDamage } from './damage-span.ts';
import type { Ground } from './finding.ts';
import type { SmallPool } from './small-pool.ts';

/** Fewest bytes that are shown of damage. */
const fewestBytes = 0x10;

type Claim = Pick<Ground, 'claim' | 'command'>;

/** What the rules that read a page's damage say, each with the command that shows it. */
export function damageGrounds(system: CrashedSystem, damage: PageDamage, report: SmallPool): Ground[] {
  const claims = claimsOf(system, damage, report);
  const listed = damage.rules.map((rule) => ({ rule, ...claims[rule] }));
  if (listed.length > 0) return listed;
  const at = system.shortText(damage.victim.front ?? damage.victim.at);
  return [{ rule: 'mentioned', claim: `No header makes sense at ${at}.`, command: checkOf(system, report) }];
}

const checkOf = (system: CrashedSystem, { page }: SmallPool): string =>
  `!poolval ${system.shortText(page.address)}`;

function claimsOf(
  system: CrashedSystem,
  damage: PageDamage,
  report: SmallPool,
): Readonly<Record<DamageRule, Claim>> {
  const text = system.shortText;
  const at = text(damage.victim.at);
  const header = text(damage.victim.front ?? damage.victim.at);
  const check = checkOf(system, report);
  const inside = Number(damage.start - damage.payloadStart);
  const shown = Math.max(inside + damage.length, fewestBytes);
  const dump = `db ${text(damage.payloadStart)} L${shown.toString(16)}`;
  const behind = `db ${text(damage.start)} L${fewestBytes.toString(16)}`;
  const tag =
    damage.block === undefined || damage.block.tag === '' ? '' : ` tagged ${damage.block.tag.trimEnd()}`;
  return {
    'headers-frame-it': {
      claim: `The header at ${header} is not what its neighbours say it was.`,
      command: check,
    },
    'begins-at-end': {
      claim: beginsAt(system, damage, tag),
      command: `!pool ${text(damage.start)}; ${behind}`,
    },
    'unbroken-from-inside': {
      claim: `${capital(patternText(damage))} runs unbroken over its end: ${bytesText(inside)} inside the block and ${bytesText(damage.length)} behind it.`,
      command: dump,
    },
    'from-first-byte': {
      claim: `It begins with the block's first byte, ${text(damage.payloadStart)}.`,
      command: dump,
    },
    'ends-at-start': {
      claim: `${capital(patternText(damage))} ends where the memory of the block at ${at} begins.`,
      command: `${check}; db ${text(damage.payloadStart)} L${(shown + fewestBytes).toString(16)}`,
    },
    'one-bit': {
      claim: `With one bit of the header at ${header} changed back the page is whole.`,
      command: check,
    },
    'zero-behind-zeros': zerosClaim(system, damage),
    'bit-behind': {
      claim: `One bit of the byte right behind the block${tag} was set, as by one who sets bits in a map that is too small.`,
      command: damage.block === undefined ? behind : `!pool ${text(damage.block.address)} 2; ${behind}`,
    },
    'off-by-one': {
      claim: 'Only the first byte behind the block changed.',
      command: behind,
    },
    'looks-alike': {
      claim: `Nothing around the header at ${header} tells whether it was hit from the block before, from its own or from elsewhere.`,
      command: dump,
    },
    'header-free': {
      claim: `The header at ${at} is whole and says that the block is free; its links are not links.`,
      command: `!pool ${at}`,
    },
  };
}

const zerosClaim = ({ shortText: text }: CrashedSystem, { start }: PageDamage): Claim => ({
  claim:
    'That byte is zero now, and so are those before it: a closing NUL that is one too far leaves the same.',
  command: `db ${text(start - BigInt(fewestBytes))} L${(2 * fewestBytes).toString(16)}`,
});

/** Bytes behind the end may be as they were before. */
function beginsAt({ shortText: text }: CrashedSystem, { start, block }: PageDamage, tag: string): string {
  const end = block === undefined ? start : block.address + BigInt(block.size);
  return start === end
    ? `The damage begins at ${text(start)}, where the block${tag} ends.`
    : `The first byte that changed is at ${text(start)}, ${bytesText(Number(start - end))} behind the end of the block${tag} at ${text(end)}.`;
}

export const bytesText = (length: number): string => `${length} byte${length === 1 ? '' : 's'}`;

const patternText = ({ pattern, text }: PageDamage): string =>
  text === undefined
    ? ({ zeros: 'a run of zeros', fill: 'one value repeated' }[pattern as 'zeros' | 'fill'] ?? 'data')
    : `the text "${short(text)}"`;

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());

/** The end of a long text tells more than its beginning. */
const short = (text: string): string =>
  text.length <= 24 ? text : `${text.slice(0, 8)}...${text.slice(-12)}`;
