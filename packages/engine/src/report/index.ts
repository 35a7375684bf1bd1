export * from './byte-rows.ts';
export { reportHtml } from './report-page.ts';
export * from './words.ts';
