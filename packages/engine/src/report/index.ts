export * from './byte-rows.ts';
export { html, Markup, type Piece } from './html.ts';
export { pageStyle } from './page-style.ts';
export { reportHtml } from './report-page.ts';
export * from './words.ts';
