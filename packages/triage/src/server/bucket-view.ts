import { html, type Piece } from '@poolscope/engine';
import type { BucketPage } from '../store/bucket-page.ts';
import type { BucketList, BucketSummary } from '../store/buckets.ts';
import type { DumpLine } from '../store/search.ts';
import type { FleetSuspect } from '../suspects/index.ts';
import { type Column, day, daysDrawing, tableOf } from './page-parts.ts';

const bucketColumns: readonly Column<BucketSummary>[] = [
  { title: 'Dumps', isNumber: true, cell: ({ count }) => count },
  { title: 'Machines', isNumber: true, cell: ({ machines }) => machines },
  { title: 'Last seen', cell: ({ lastSeen }) => day(lastSeen) },
  { title: 'Kind', cell: ({ kind }) => kind },
  { title: 'Signature', cell: ({ id, title }) => html`<a href="/buckets/${id}">${title}</a>` },
];

export const bucketsView = ({ total, buckets }: BucketList, offset: number): Piece => html`<h1>Buckets</h1>
<p class="dim">${many(total, 'bucket')}, the largest first. <a href="/api/export/buckets.csv">CSV</a></p>
${tableOf(bucketColumns, buckets)}
${offset + buckets.length < total ? html`<p><a href="/?offset=${offset + buckets.length}">More</a></p>` : null}`;

const dumpColumns: readonly Column<DumpLine>[] = [
  { title: 'Crash', cell: ({ crashTime }) => crashTime?.replace('T', ' ').slice(0, 16) ?? '?' },
  { title: 'Machine', cell: ({ machine }) => machine ?? '?' },
  { title: 'Build', isNumber: true, cell: ({ build }) => build },
  {
    title: 'What happened',
    cell: ({ sha256, summary, bucketBy }) =>
      html`<a href="/dumps/${sha256}">${summary}</a>${bucketBy === null ? null : html` <small>${bucketBy}</small>`}`,
  },
];

export const dumpsTable = (dumps: readonly DumpLine[]): Piece => tableOf(dumpColumns, dumps);

/** A bucket: who is suspected, what its dumps share, and the dumps. */
export function bucketView(bucket: BucketPage): Piece {
  const { trend, merged, ranking } = bucket;
  const change = trend === null ? '' : ` In its last 7 days ${trend.last}, in the 7 before ${trend.before}.`;
  const seen = `${many(bucket.count, 'dump')} of ${many(bucket.machines, 'machine')}, ${day(bucket.firstSeen)} to ${day(bucket.lastSeen)}.`;
  return html`<h1>${bucket.title}</h1>
<p class="dim">${seen}${change}</p>
${daysDrawing(bucket.days)}
${merged.map(({ signature, by }) => html`<p class="dim">Merged by ${by}: <code>${signature}</code></p>`)}
<section><h2>Suspects</h2>${ranking === null ? html`<p>They are being computed; look again in a while.</p>` : suspectsOf(ranking.suspects)}</section>
<section><h2>What they share</h2><dl>${(
    [
      ['Kinds', bucket.kinds],
      ['Bug checks', bucket.bugchecks],
      ['Builds', bucket.builds],
      ['Tags', bucket.tags],
      ['Machines', bucket.machineNames],
    ] as const
  ).map(([title, counts]) => countsOf(title, counts))}</dl></section>
<section><h2>Dumps</h2>${dumpsTable(bucket.dumps)}</section>`;
}

function suspectsOf(suspects: readonly FleetSuspect[]): Piece {
  if (suspects.length === 0) return html`<p>Nothing tells these dumps from the others.</p>`;
  return suspects.map(({ what, module, probability, accused, reasons, versions }) => {
    const name = what === 'memory' ? 'Memory of the machines' : module;
    const which = versions.length === 0 ? '' : ` (${versions.join(', ')})`;
    const doubt = accused ? '' : ', not enough to accuse';
    return html`<div class="suspect ${accused ? 'accused' : ''}"><b>${name}</b>${which} ${Math.min(99, Math.round(probability * 100))} %${doubt}
<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>`;
  });
}

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const mostCounts = 12;

function countsOf(title: string, counts: readonly { value: string; count: number }[]): Piece {
  if (counts.length === 0) return null;
  const text = counts
    .slice(0, mostCounts)
    .map(({ value, count }) => `${value} (${count})`)
    .join(', ');
  const rest = counts.length - mostCounts;
  return html`<dt>${title}</dt><dd>${text}${rest > 0 ? ` and ${rest} more` : ''}</dd>`;
}
