import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { mergeBuckets, releaseBucket, splitBucket } from '../store/arrange.ts';
import { readBucket } from '../store/bucket-page.ts';
import { countDays, listBuckets } from '../store/buckets.ts';
import { type Move, replaySignatures, summarizeMoves } from '../store/replay.ts';
import { keptDump, readDump, searchDumps } from '../store/search.ts';
import { listSetAside } from '../store/set-aside.ts';
import { readAudit } from './audit.ts';
import { exportRoutes } from './export-routes.ts';
import { type Route, route } from './route.ts';
import * as shapes from './shapes.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';
import { uploadRoutes } from './upload-routes.ts';

const bucketId = { idShape: shapes.bucketIdShape };

const bucketRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/buckets',
    summary: 'The buckets, the largest first',
    permission: 'read',
    query: shapes.pageQuery,
    answer: shapes.bucketListShape,
    handle: ({ parts, query }) => listBuckets(parts.db, query),
  }),
  route({
    method: 'get',
    path: '/api/buckets/{id}',
    summary: 'A bucket: its counts, drivers, suspects and last dumps',
    permission: 'read',
    ...bucketId,
    answer: shapes.bucketPageShape,
    handle: ({ parts, id }) => readBucket(parts.db, parts.fleet, id),
  }),
  route({
    method: 'post',
    path: '/api/buckets/{id}/merge',
    summary: 'Put a bucket into another; kept when dumps are analyzed again',
    permission: 'arrange',
    ...bucketId,
    body: shapes.mergeBody,
    answer: z.object({ moved: z.number().int() }),
    handle: async ({ parts, id, body, person }) => ({
      moved: await mergeBuckets(parts.db, id, body.into, person.name),
    }),
  }),
  route({
    method: 'post',
    path: '/api/buckets/{id}/split',
    summary: 'Put dumps of a bucket into one of their own',
    permission: 'arrange',
    ...bucketId,
    body: shapes.splitBody,
    answer: z.object({ bucket: shapes.bucketIdShape }),
    handle: async ({ parts, id, body, person }) => ({
      bucket: await splitBucket(parts.db, id, body.dumps, { title: body.title, by: person.name }),
    }),
  }),
  route({
    method: 'post',
    path: '/api/buckets/{id}/release',
    summary: 'Take back what was arranged by hand for a bucket',
    permission: 'arrange',
    ...bucketId,
    answer: z.object({ moved: z.number().int() }),
    handle: async ({ parts, id }) => ({ moved: await releaseBucket(parts.db, id) }),
  }),
  route({
    method: 'get',
    path: '/api/replay',
    summary: 'What other rules of signatures would move, tried on the stored reports',
    permission: 'read',
    query: shapes.replayQuery,
    answer: shapes.replayShape,
    handle: async ({ parts, query }) => {
      const moves: Move[] = [];
      for await (const move of replaySignatures(parts.db, query)) moves.push(move);
      return { dumps: moves.length, moves: summarizeMoves(moves) };
    },
  }),
  route({
    method: 'get',
    path: '/api/days',
    summary: 'Crashes by bucket and day, of the 92 days up to the last crash',
    permission: 'read',
    answer: z.object({ days: z.array(shapes.dayShape) }),
    handle: async ({ parts }) => ({ days: await countDays(parts.db) }),
  }),
  route({
    method: 'get',
    path: '/api/suspects',
    summary: 'Suspects of the whole fleet',
    permission: 'read',
    answer: shapes.rankingShape,
    handle: ({ parts }) => parts.fleet.all(),
  }),
];

const dumpRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/dumps',
    summary: 'Search of dumps, the last crashes first',
    permission: 'read',
    query: shapes.searchQuery,
    answer: shapes.dumpListShape,
    handle: ({ parts, query }) => {
      const { limit, offset, ...rest } = query;
      const given = Object.entries(rest).filter(([, value]) => value !== undefined);
      return searchDumps(parts.db, { limit, offset, ...Object.fromEntries(given) });
    },
  }),
  route({
    method: 'get',
    path: '/api/dumps/{id}',
    summary: 'A dump with its report (schema poolscope.analysis/1) and how its signature came about',
    permission: 'read',
    idShape: shapes.sha256Shape,
    answer: shapes.storedDumpShape,
    handle: async ({ parts, id }) => {
      const dump = await readDump(parts.db, id);
      if (dump === undefined) return undefined;
      const { stored, keptAt, ...line } = dump;
      const kept = keptAt !== null && existsSync(keptAt);
      return { ...line, kept, report: stored.report, signatureParts: stored.signatureParts };
    },
  }),
  route({
    method: 'get',
    path: '/api/dumps/{id}/file',
    summary: 'The dump itself, or the archive that it was found in, where it is kept',
    permission: 'read',
    idShape: shapes.sha256Shape,
    isNoted: true,
    media: 'application/octet-stream',
    handle: async ({ parts, id }) => {
      const path = await keptDump(parts.db, id);
      const info = path === null ? undefined : await stat(path).catch(() => undefined);
      if (path === null || info === undefined) return undefined;
      return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream, {
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(info.size),
          'content-disposition': `attachment; filename="${basename(path)}"`,
        },
      });
    },
  }),
  route({
    method: 'get',
    path: '/api/set-aside',
    summary: 'Dumps without a report, with the reason',
    permission: 'read',
    query: shapes.pageQuery,
    answer: shapes.setAsideShape,
    handle: ({ parts, query }) => listSetAside(parts.db, query.limit),
  }),
];

const adminRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/tokens',
    summary: 'Who has a token',
    permission: 'administer',
    answer: shapes.tokensShape,
    handle: ({ parts }) => listTokens(parts.db),
  }),
  route({
    method: 'post',
    path: '/api/tokens',
    summary: 'Make a token; it is shown once',
    permission: 'administer',
    body: shapes.tokenBody,
    answer: z.object({ id: z.string(), token: z.string() }),
    handle: ({ parts, body }) => createToken(parts.db, body.name, body.role),
  }),
  route({
    method: 'delete',
    path: '/api/tokens/{id}',
    summary: 'Revoke a token',
    permission: 'administer',
    idShape: z.string().regex(/^[0-9a-f]{8}$/),
    answer: z.object({ revoked: z.boolean() }),
    handle: async ({ parts, id }) => ((await revokeToken(parts.db, id)) ? { revoked: true } : undefined),
  }),
  route({
    method: 'get',
    path: '/api/audit',
    summary: 'What was changed and by whom, the last first',
    permission: 'administer',
    query: shapes.pageQuery,
    answer: shapes.auditShape,
    handle: ({ parts, query }) => readAudit(parts.db, query.limit, query.offset),
  }),
];

export const routes: readonly Route[] = [
  ...bucketRoutes,
  ...dumpRoutes,
  ...uploadRoutes,
  ...exportRoutes,
  ...adminRoutes,
];
