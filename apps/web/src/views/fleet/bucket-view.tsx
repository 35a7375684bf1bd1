import type { ComponentChildren } from 'preact';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { counted } from '../../app/words.ts';
import type { BucketFacts, FleetSuspect } from '../../protocol/fleet.ts';
import { DaysChart } from './days-chart.tsx';
import { DumpsTable, timeText } from './dumps-table.tsx';
import { FromFleet } from './fleet-answer.tsx';

/** A bucket: who is suspected, what its dumps share, and the dumps. */
export function BucketView() {
  const { at } = useApp().route.value;
  return (
    <FromFleet<BucketFacts> path={`buckets/${encodeURIComponent(at)}`}>
      {(bucket) => <Bucket bucket={bucket} />}
    </FromFleet>
  );
}

function Bucket({ bucket }: { readonly bucket: BucketFacts }) {
  const { id, title, trend, merged, ranking, dumps } = bucket;
  const days = bucket.days.map(({ value, count }) => ({ bucket: id, day: value, count }));
  return (
    <div class="view wide">
      <p class="path">
        <a href={linkTo('fleet')}>Fleet</a>
      </p>
      <h1 class="signature-title">{title}</h1>
      <p class="sub">
        {seenText(bucket)}
        {trend !== null && ` In its last 7 days ${trend.last}, in the 7 before ${trend.before}.`}
      </p>
      {merged.map(({ signature, by }) => (
        <p class="sub" key={signature}>
          Merged by {by}: <code>{signature}</code>
        </p>
      ))}
      <DaysChart days={days} titleOf={() => title} />
      <Section name="Suspects">
        {ranking === null ? (
          <p>They could not be computed.</p>
        ) : ranking.suspects.length === 0 ? (
          <p>Nothing tells these dumps from the others.</p>
        ) : (
          <div class="fleet-suspects">
            {ranking.suspects.map((suspect) => (
              <Suspect key={suspect.module ?? ''} suspect={suspect} />
            ))}
          </div>
        )}
      </Section>
      <Section name="What they share">
        <dl class="shares">
          <Share name="Kinds" counts={bucket.kinds} />
          <Share name="Bug checks" counts={bucket.bugchecks} />
          <Share name="Builds" counts={bucket.builds} />
          <Share name="Tags" counts={bucket.tags} />
          <Share name="Machines" counts={bucket.machineNames} />
        </dl>
      </Section>
      <Section name="Dumps">
        <DumpsTable dumps={dumps} />
      </Section>
    </div>
  );
}

function seenText({ count, machines, firstSeen, lastSeen }: BucketFacts): string {
  const times = [firstSeen, lastSeen].map((time) => timeText(time).slice(0, 10));
  const when = firstSeen === null ? '' : times[0] === times[1] ? `, ${times[0]}` : `, ${times.join(' to ')}`;
  return `${counted(count, 'dump')} of ${counted(machines, 'machine')}${when}.`;
}

const Section = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <section aria-label={name}>
    <h2>{name}</h2>
    {children}
  </section>
);

function Suspect({ suspect }: { readonly suspect: FleetSuspect }) {
  const { what, module, versions, probability, accused, reasons } = suspect;
  const share = Math.round(Math.min(1, Math.max(0, probability)) * 100);
  return (
    <div class={accused ? 'suspect accused' : 'suspect'}>
      <b>{what === 'memory' ? 'Memory of the machines' : module}</b>
      {versions.length > 0 && <span class="mono dim"> {versions.join(', ')}</span>} {share} %
      {!accused && <span class="dim">, not enough to accuse</span>}
      <div class="bar" aria-hidden="true">
        <div style={{ width: `${share}%` }} />
      </div>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}

const mostShown = 12;

function Share({ name, counts }: { readonly name: string; readonly counts: BucketFacts['kinds'] }) {
  if (counts.length === 0) return null;
  const rest = counts.length - mostShown;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {counts
          .slice(0, mostShown)
          .map(({ value, count }) => `${value} (${count})`)
          .join(', ')}
        {rest > 0 ? ` and ${rest} more` : ''}
      </dd>
    </>
  );
}
