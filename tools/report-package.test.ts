import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportSchema } from '@poolscope/report';
import { expect, it } from 'vitest';
import { reportSources } from './make-report-package.mjs';
import { root } from './run.mjs';

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, '');

it('the package of the report has the types of the engine: node tools/make-report-package.mjs writes them', () => {
  const sources = reportSources();
  const path = 'packages/report/src/report.ts';
  expect(onOneLine(readFileSync(join(root, path), 'utf8'))).toBe(onOneLine(sources[path]!));
});

it('the package of the report has the published schema: node tools/make-report-package.mjs writes it', () => {
  const published = readFileSync(join(root, 'docs/schema/poolscope.analysis-1.schema.json'), 'utf8');
  expect(reportSchema).toStrictEqual(JSON.parse(published));
});
