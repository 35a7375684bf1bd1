import { type Report, redactedPath } from '../analyze/index.ts';
import { crashSections } from './crash-sections.ts';
import { html, Markup, type Piece } from './html.ts';
import { pageStyle } from './page-style.ts';
import { verdictBody, verdictHead } from './verdict-sections.ts';
import { bugCheckTitle, bugCheckValues, dumpFacts, fileName, kindName, shellPath } from './words.ts';

/**
 * The report as one HTML page: whole without scripts, other files or a network, in light and dark, on paper too. It is also
 * well-formed XML behind its first line. `program` is how this host's user starts poolscope.
 */
export function reportHtml(report: Report, program = 'poolscope'): string {
  return html`${new Markup('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${`${nameOf(report)}: ${kindName(report.verdict.kind)}`}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<header>
<p><b>${nameOf(report)}</b></p>
<p class="dim">${dumpFacts(report).join(' · ')}</p>
<p class="mono">${bugCheckTitle(report)} <span class="dim">${bugCheckValues(report)}</span></p>
</header>
<main>
${verdictHead(report)}${verdictBody(report)}${crashSections(report)}</main>
<footer>
${footer(report, program)}</footer>
</body>
</html>
`.text;
}

const isRedacted = ({ dump }: Report): boolean => dump.path === redactedPath;

const nameOf = (report: Report): string => (isRedacted(report) ? 'A dump' : fileName(report.dump));

function footer(report: Report, program: string): Piece[] {
  const { tool, signature, dump } = report;
  return [
    isRedacted(report)
      ? html`<p>Names of the file, the machine, users and processes and contents of memory were left out.</p>\n`
      : html`<p>Go on with <code class="command">${`${program} debug ${shellPath(dump.path)}`}</code>: it answers the commands above.</p>\n`,
    html`<p>Signature: <code>${signature}</code></p>\n`,
    html`<p>Made by ${tool.name} ${tool.version}.</p>\n`,
  ];
}
