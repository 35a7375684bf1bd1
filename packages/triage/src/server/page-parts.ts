import { createHash } from 'node:crypto';
import { html, Markup, type Piece, pageStyle } from '@poolscope/engine';

const style = `${pageStyle}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin-left:auto}a{color:var(--link)}td.n,th.n{text-align:right}
input,button{font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:4px;padding:4px 10px}
form{display:flex;flex-wrap:wrap;gap:8px;margin:18px 0}input{flex:1 1 16em;max-width:30em}
.spark{height:40px;width:100%;max-width:480px;display:block}.spark rect{fill:var(--link)}.accused b{color:var(--hot)}`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing but our own style: no scripts, no pictures, nothing of other sites. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** A page of the server. */
export const page = (title: string, content: Piece): string =>
  html`${new Markup('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><p><b>poolscope</b> triage</p>
<nav><a href="/app/">Dashboard</a><a href="/">Buckets</a><a href="/search">Search</a><a href="/set-aside">Set aside</a><a href="/api/openapi.json">API</a></nav></header>
<main>
${content}
</main>
</body>
</html>
`.text;

export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  cell(row: Row): Piece;
}

export const tableOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Markup =>
  html`<div class="scroll"><table><thead><tr>${columns.map(({ title, isNumber }) =>
    isNumber === true ? html`<th class="n">${title}</th>` : html`<th>${title}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${columns.map((column) =>
        column.isNumber === true
          ? html`<td class="n">${column.cell(row)}</td>`
          : html`<td>${column.cell(row)}</td>`,
      )}</tr>\n`,
  )}</tbody></table></div>`;

export const day = (time: string | null): string => time?.slice(0, 10) ?? '?';

/** Counts by day as bars, the days without any between them too, up to a quarter of a year. */
export function daysDrawing(days: readonly { readonly value: string; readonly count: number }[]): Piece {
  const known = days.filter(({ value }) => value !== 'unknown');
  const last = known.at(-1);
  if (last === undefined || known.length < 2) return null;
  const end = Date.parse(last.value) / 86_400_000;
  const bars = known
    .map(({ value, count }) => ({ at: end - Date.parse(value) / 86_400_000, count }))
    .filter(({ at }) => at < mostDays);
  const width = Math.max(...bars.map(({ at }) => at)) + 1;
  const most = Math.max(...bars.map(({ count }) => count));
  const title = `${known[0]!.value} to ${last.value}, at most ${most} on a day`;
  return html`<svg class="spark" viewBox="0 0 ${width * 4} 40" preserveAspectRatio="none" role="img" aria-label="${title}"><title>${title}</title>${bars.map(
    ({ at, count }) => {
      const height = Math.max(1, Math.round((count / most) * 40));
      return html`<rect x="${(width - 1 - at) * 4}" y="${40 - height}" width="3" height="${height}"/>`;
    },
  )}</svg>`;
}

const mostDays = 92;
