import type { Report } from '@poolscope/engine';
import { Evidence } from './evidence.tsx';
import { Facts } from './facts.tsx';
import { PagePicture } from './page-picture.tsx';
import { Side } from './side.tsx';
import { SummaryText } from './summary-text.tsx';

/** What happened: the sentence, the picture, the proof. */
export function ReportPage({ report }: { readonly report: Report }) {
  const { verdict } = report;
  return (
    <div class="view verdict">
      <h1>
        <SummaryText text={verdict.summary} />
      </h1>
      <p class="sub">{subtitle(report)}</p>
      <div class="columns">
        <div>
          {verdict.picture !== null && <PagePicture picture={verdict.picture} damage={verdict.damage} />}
          <Evidence evidence={verdict.evidence} />
          <Facts report={report} />
        </div>
        <Side report={report} />
      </div>
    </div>
  );
}

function subtitle({ verdict, dump }: Report): string {
  const kind = verdict.kind.replaceAll('-', ' ');
  const isSure = verdict.confidence > 0 && verdict.kind !== 'not-pool';
  return [
    kind.charAt(0).toUpperCase() + kind.slice(1),
    isSure ? `confidence ${verdict.confidence.toFixed(2)}` : '',
    dump.crashTime === null ? '' : `crashed ${dump.crashTime.slice(0, 16).replace('T', ' ')} UTC`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
