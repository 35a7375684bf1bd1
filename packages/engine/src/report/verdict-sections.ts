import type { BlockFacts, Missing, Report, Suspect, Verdict } from '../analyze/index.ts';
import { html, type Markup, type Piece, section } from './html.ts';
import { pageDrawing } from './page-drawing.ts';
import { confidenceText, counted, isPoolVerdict, kindName } from './words.ts';

/** The sentence that says it all, the kind of the verdict and how sure it is. */
export function verdictHead({ verdict }: Report): Markup {
  const name = kindName(verdict.kind);
  const sure = confidenceText(verdict);
  return html`<h1>${verdict.summary}</h1>
<p class="kind"><b class="${isPoolVerdict(verdict) ? '' : 'calm'}">${name.charAt(0).toUpperCase() + name.slice(1)}</b>${sure === undefined ? null : html` · confidence ${sure}`}</p>
`;
}

/** Picture and proof on one side, who and what next on the other. */
export function verdictBody({ verdict, missing }: Report): Markup {
  const { picture } = verdict;
  return html`<div class="columns">
<div>
${picture === null ? null : pageDrawing(picture, verdict.damage)}${evidence(verdict)}${facts(verdict)}</div>
<div>
${section('Suspects', verdict.suspects.map(suspect))}${nextSteps(verdict)}${missingParts(missing)}</div>
</div>
`;
}

function evidence({ evidence: steps }: Verdict): Piece {
  const items = steps.map(
    ({ claim, command }) => html`<li>${claim} <code class="command">${command}</code></li>\n`,
  );
  return section('Why we say so', items.length === 0 ? [] : [html`<ol>\n${items}</ol>`]);
}

/** What the verdict is about, in numbers. */
function facts(verdict: Verdict): Piece {
  const { block, victims, damage, freedAddress } = verdict;
  const rows: (readonly [string, string])[] = [];
  if (block !== null) rows.push(['Block', blockText(block)]);
  for (const victim of victims.slice(0, mostVictims)) rows.push(['Was hit', blockText(victim)]);
  if (victims.length > mostVictims) rows.push(['', `and ${victims.length - mostVictims} more`]);
  if (damage !== null) rows.push(['Damage', damageText(damage)]);
  if (freedAddress !== null) rows.push(['Address that was freed', freedAddress.slice(2)]);
  if (rows.length === 0) return null;
  const lines = rows.map(([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>\n`);
  return section('What was damaged', [html`<table><tbody>\n${lines}</tbody></table>`]);
}

const mostVictims = 8;

function blockText(
  block: Pick<BlockFacts, 'address' | 'size' | 'tag' | 'state'> & Partial<BlockFacts>,
): string {
  const { address, size, tag, state, pool = null, allocator = null } = block;
  const parts = [
    address.slice(2),
    size === null ? 'size not known' : `0x${size.toString(16)} bytes`,
    tag === null ? '' : `tag ${tag.trim()}`,
    pool === null ? '' : `${pool} pool`,
    allocator === null ? '' : allocatorNames[allocator],
    state ?? '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

const allocatorNames: Readonly<Record<NonNullable<BlockFacts['allocator']>, string>> = {
  classic: 'classic allocator',
  big: 'large allocation',
  special: 'special pool',
  vs: 'segment heap (VS)',
  lfh: 'segment heap (LFH)',
  segment: 'segment heap',
  large: 'segment heap (large)',
};

function damageText({ start, length, pattern, text }: NonNullable<Verdict['damage']>): string {
  const parts = [
    start.slice(2),
    length === null ? 'length not known' : counted(length, 'byte'),
    pattern ?? '',
    text === null ? '' : `"${text}"`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function suspect({ module, score, because }: Suspect): Markup {
  const share = Math.round(Math.min(1, Math.max(0, score)) * 100);
  return html`<div class="suspect"><b>${module}</b> <span class="mono">${score.toFixed(2)}</span>
<div class="bar" aria-hidden="true"><div style="width:${share}%"></div></div>
<ul>${because.map((reason) => html`<li>${reason}</li>`)}</ul></div>
`;
}

function nextSteps({ next }: Verdict): Piece {
  const steps = next.map((step) => html`<li><code class="command">${step}</code></li>\n`);
  return section('What would settle it', steps.length === 0 ? [] : [html`<ul class="next">\n${steps}</ul>`]);
}

function missingParts(missing: readonly Missing[]): Piece {
  const items = missing.map(({ what, why, cost }) => html`<li>${what}: <span>${why}; ${cost}</span></li>\n`);
  return section('What is missing', items.length === 0 ? [] : [html`<ul class="missing">\n${items}</ul>`]);
}
