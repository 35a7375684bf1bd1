import type { Report } from '@poolscope/engine';

/** Who, what next, and what could not be told. */
export function Side({ report }: { readonly report: Report }) {
  const { suspects, next } = report.verdict;
  return (
    <aside class="side">
      {suspects.length > 0 && (
        <section aria-labelledby="suspects-title">
          <h2 id="suspects-title">Suspects</h2>
          {suspects.map((suspect) => (
            <Suspect key={suspect.module} suspect={suspect} />
          ))}
        </section>
      )}
      {next.length > 0 && (
        <section aria-labelledby="next-title">
          <h2 id="next-title">What would settle it</h2>
          <ul class="next">
            {next.map((step) => (
              <li key={step}>
                <code>{step}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {report.missing.length > 0 && (
        <section aria-labelledby="missing-title">
          <h2 id="missing-title">What is missing</h2>
          <ul class="missing">
            {report.missing.map(({ what, why, cost }) => (
              <li key={what}>
                {what}: {why}; {cost}
              </li>
            ))}
          </ul>
        </section>
      )}
      {report.warnings.length > 0 && (
        <section aria-labelledby="warnings-title">
          <h2 id="warnings-title">Damage met on the way</h2>
          <ul class="missing">
            {report.warnings.slice(0, mostWarnings).map(({ message, rule }, index) => (
              <li key={rule + String(index)}>{message}</li>
            ))}
            {report.warnings.length > mostWarnings && (
              <li>and {report.warnings.length - mostWarnings} more</li>
            )}
          </ul>
        </section>
      )}
      {report.signature !== '' && (
        <section aria-labelledby="signature-title">
          <h2 id="signature-title">Signature</h2>
          <p class="mono small signature">{report.signature}</p>
        </section>
      )}
    </aside>
  );
}

const mostWarnings = 6;

function Suspect({ suspect }: { readonly suspect: Report['verdict']['suspects'][number] }) {
  const { module, score, because } = suspect;
  const share = Math.round(Math.min(1, Math.max(0, score)) * 100);
  return (
    <div class="suspect">
      <b>{module}</b> <span class="mono">{score.toFixed(2)}</span>
      <div class="bar" aria-hidden="true">
        <div style={{ width: `${share}%` }} />
      </div>
      <ul>
        {because.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}
