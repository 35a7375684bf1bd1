import { listBuckets } from '../store/buckets.ts';
import type { Database } from '../store/schema.ts';
import { searchDumps } from '../store/search.ts';
import { csvLine } from './csv.ts';
import { type Route, route } from './route.ts';
import { bucketShape, dumpShape } from './shapes.ts';

const rowsAtOnce = 1000;
const bucketColumns = Object.keys(bucketShape.shape) as (keyof typeof bucketShape.shape)[];
const dumpColumns = Object.keys(dumpShape.shape) as (keyof typeof dumpShape.shape)[];

async function* csv<Row>(
  columns: readonly (keyof Row & string)[],
  rows: AsyncIterable<Row>,
): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const row of rows) yield csvLine(columns.map((column) => row[column] as string | number | null));
}

async function* jsonLines(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

async function* allBuckets(db: Database) {
  for (let offset = 0; ; offset += rowsAtOnce) {
    const { buckets } = await listBuckets(db, { limit: rowsAtOnce, offset });
    yield* buckets;
    if (buckets.length < rowsAtOnce) return;
  }
}

async function* allDumps(db: Database) {
  for (let offset = 0; ; offset += rowsAtOnce) {
    const { dumps } = await searchDumps(db, { limit: rowsAtOnce, offset });
    yield* dumps;
    if (dumps.length < rowsAtOnce) return;
  }
}

const csvMedia = 'text/csv; charset=utf-8';
const linesMedia = 'application/jsonl';

const download = (name: string, media: string, make: (db: Database) => AsyncIterable<string>): Route =>
  route({
    method: 'get',
    path: `/api/export/${name}`,
    summary: `All ${name.split('.')[0]}, ${media.startsWith('text/csv') ? 'as CSV' : 'one JSON object a line'}`,
    permission: 'read',
    media,
    handle: async ({ parts }) =>
      new Response(streamOf(make(parts.db)), {
        headers: { 'content-type': media, 'content-disposition': `attachment; filename="${name}"` },
      }),
  });

/** Pulled as fast as the reader takes it. */
function streamOf(texts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = texts[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

export const exportRoutes: readonly Route[] = [
  download('buckets.csv', csvMedia, (db) => csv(bucketColumns, allBuckets(db))),
  download('buckets.jsonl', linesMedia, (db) => jsonLines(allBuckets(db))),
  download('dumps.csv', csvMedia, (db) => csv(dumpColumns, allDumps(db))),
  download('dumps.jsonl', linesMedia, (db) => jsonLines(allDumps(db))),
];
