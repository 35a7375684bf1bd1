import { hasSource } from '../store/search.ts';
import { type Route, route } from './route.ts';
import { sha256Shape, uploadQuery, uploadShape } from './shapes.ts';
import { SpoolFull, TooLarge } from './spool.ts';

const answer = (data: unknown, status: number): Response =>
  new Response(JSON.stringify(data), { status, headers: { 'content-type': 'application/json' } });

export const uploadRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/dumps',
    summary: 'Upload a dump, or an archive with dumps; the body is its bytes',
    permission: 'upload',
    query: uploadQuery,
    takesBytes: true,
    answer: uploadShape,
    handle: async ({ parts, query, context }) => {
      const { spool } = parts;
      if (spool === undefined) return answer({ error: 'this server takes no uploads' }, 403);
      const declared = Number(context.req.header('content-length') ?? 0);
      const tooLarge = () => answer({ error: `more than ${spool.mostBytes} bytes are not taken` }, 413);
      if (declared > spool.mostBytes) return tooLarge();
      const { body } = context.req.raw;
      if (body === null) return answer({ error: 'the body has no bytes' }, 400);
      try {
        const { sha256, bytes } = await spool.take(body as AsyncIterable<Uint8Array>, query);
        return answer({ sha256, bytes, state: 'queued' }, 202);
      } catch (error) {
        if (error instanceof TooLarge) return tooLarge();
        const { code } = error as NodeJS.ErrnoException;
        if (error instanceof SpoolFull || code === 'ENOSPC' || code === 'EDQUOT') {
          context.header('retry-after', '60');
          const why = error instanceof SpoolFull ? error.message : 'the disk is full';
          return context.json({ error: `${why}: try again later` }, 503);
        }
        if (code === 'ECONNRESET') return answer({ error: 'the upload was broken off' }, 400);
        throw error;
      }
    },
  }),
  route({
    method: 'get',
    path: '/api/uploads/{id}',
    summary: 'Is an upload analyzed? By the hash of the file that was sent',
    permission: 'upload',
    idShape: sha256Shape,
    handle: async ({ parts, id }) => {
      if (parts.spool?.isWaiting(id) === true) return { sha256: id, state: 'queued' };
      return (await hasSource(parts.db, `upload:${id}`)) ? { sha256: id, state: 'done' } : undefined;
    },
  }),
];
