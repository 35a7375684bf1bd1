import type { Report } from '../analyze/index.ts';
import { html, type Piece, section } from './html.ts';
import { accessText, counted, frameName, padded, scanNote, scopeCommand } from './words.ts';

/** Frames that are shown at once; the others can be unfolded. */
const shownFrames = 24;

/** The bug check, the instruction that failed, the stack, modules, and damage of the file. */
export const crashSections = (report: Report): Piece[] => [
  happened(report),
  place(report),
  stack(report),
  modules(report),
  unloaded(report),
  warnings(report),
];

function table(heads: readonly string[], rows: readonly Piece[]): Piece {
  const titles = heads.map((text) => html`<th scope="col">${text}</th>`);
  return html`<div class="scroll"><table><thead><tr>${titles}</tr></thead><tbody>\n${rows}</tbody></table></div>`;
}

function happened(report: Report): Piece {
  const { bugcheck } = report;
  const rows = bugcheck.parameters.map(
    (value, index) =>
      html`<tr><td>${index + 1}</td><td class="mono">${padded(report, value)}</td><td>${bugcheck.meanings[index] ?? ''}</td></tr>\n`,
  );
  return section('What happened', [
    html`<p>${bugcheck.description}</p>\n`,
    table(['Parameter', 'Value', 'Meaning'], rows),
  ]);
}

function place(report: Report): Piece {
  const { fault } = report;
  if (fault === null) return null;
  const { symbol, ip, instruction } = fault;
  const lines = [
    symbol === null || ip === null ? (symbol ?? ip ?? 'unknown place') : `${symbol} (${ip.slice(2)})`,
    instruction,
    accessText(report),
  ];
  const shown = lines.filter((line) => typeof line === 'string');
  return section('Where it failed', [
    html`<p class="mono">${shown.map((line, index) => [index === 0 ? null : html`<br/>`, line])}</p>`,
  ]);
}

function stack({ stack: frames, verdict }: Report): Piece {
  if (frames.length === 0) return null;
  const rows = frames.map(
    (frame) =>
      html`<tr class="${frame.trust === 'scan' ? 'guess' : ''}"><td class="mono">${frame.frame.toString(16).padStart(2, '0')}</td><td class="mono">${frameName(frame)}</td><td>${trustText(frame)}</td></tr>\n`,
  );
  const heads = ['Frame', 'Place', 'Known by'];
  const more = rows.length - shownFrames;
  const rest =
    more <= 0
      ? null
      : html`<details><summary>${counted(more, 'more frame')}</summary>${table(heads, rows.slice(shownFrames))}</details>`;
  const guessed = frames.some(({ trust }) => trust === 'scan');
  return section('Stack', [
    table(heads, rows.slice(0, shownFrames)),
    rest,
    guessed ? html`<p><small>Dimmed frames were ${scanNote}.</small></p>\n` : null,
    html`<p><small>In the console: <code class="command">${`${scopeCommand(verdict)}k`}</code></small></p>`,
  ]);
}

const trustWords: Readonly<Record<Report['stack'][number]['trust'], string>> = {
  context: 'registers',
  trap: 'trap frame: interrupted here',
  unwind: 'unwind data',
  'frame-pointer': 'frame pointer',
  scan: 'scanning',
};

const trustText = ({ trust, inline }: Report['stack'][number]): string =>
  inline ? 'inlined' : trustWords[trust];

const symbolWords: Readonly<Record<Report['modules'][number]['symbols'], string>> = {
  pdb: 'PDB',
  isf: 'ISF',
  profile: 'profile',
  exports: 'export table',
  none: 'none',
};

function modules(report: Report): Piece {
  const { modules: list } = report;
  if (list.length === 0) return null;
  const rows = list.map(
    ({ image, base, size, timestamp, symbols }) =>
      html`<tr><td>${image}</td><td class="mono">${padded(report, base)}</td><td class="mono">${size.toString(16)}</td><td class="mono">${timestamp === null ? '????????' : timestamp.slice(2)}</td><td>${symbolWords[symbols]}</td></tr>\n`,
  );
  return html`<details><summary>${counted(list.length, 'module')}</summary>
${table(['Image', 'Base', 'Size', 'Time stamp', 'Symbols'], rows)}</details>\n`;
}

function unloaded(report: Report): Piece {
  const { unloadedModules: list } = report;
  if (list.length === 0) return null;
  const rows = list.map(
    ({ name, start, end }) =>
      html`<tr><td>${name}</td><td class="mono">${padded(report, start)}</td><td class="mono">${padded(report, end)}</td></tr>\n`,
  );
  return html`<details><summary>${counted(list.length, 'unloaded module')}</summary>
${table(['Name', 'Start', 'End'], rows)}</details>\n`;
}

function warnings({ warnings: list }: Report): Piece {
  const items = list.map(
    ({ message, at }) => html`<li>${at === null ? message : `${message} (${at})`}</li>\n`,
  );
  return section('Damage met on the way', items.length === 0 ? [] : [html`<ul>\n${items}</ul>`]);
}
