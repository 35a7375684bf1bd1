import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small server that speaks S3: lists and gives objects, and checks signatures (AWS Signature Version 4). */
export interface S3Server {
  readonly url: string;
  /** What was asked for, with the answer's status. */
  readonly asked: string[];
  close(): Promise<void>;
}

export const key = { id: 'AKIDEXAMPLE', secret: 'the secret' } as const;
const objectsAtOnce = 2;

/** Serves objects of one bucket, by their keys. */
export async function startS3(bucket: string, objects: ReadonlyMap<string, Uint8Array>): Promise<S3Server> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    answer(bucket, objects, request, response);
    asked.push(`${response.statusCode} ${request.url}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  bucket: string,
  objects: ReadonlyMap<string, Uint8Array>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url!, `http://${request.headers.host}`);
  const end = (status: number, body: string | Uint8Array) => {
    response.statusCode = status;
    response.end(body);
  };
  if (!isSigned(request, url)) return end(403, '<Error><Code>SignatureDoesNotMatch</Code></Error>');
  const [, name, ...rest] = decodeURIComponent(url.pathname).split('/');
  if (name !== bucket) return end(404, '<Error><Code>NoSuchBucket</Code></Error>');
  if (rest.length === 0) return end(200, page(url, objects));
  const object = objects.get(rest.join('/'));
  return object === undefined ? end(404, '<Error><Code>NoSuchKey</Code></Error>') : end(200, object);
}

function page({ searchParams }: URL, objects: ReadonlyMap<string, Uint8Array>): string {
  const prefix = searchParams.get('prefix') ?? '';
  const keys = [...objects.keys()].filter((each) => each.startsWith(prefix)).sort();
  const start = Number(searchParams.get('continuation-token') ?? 0);
  const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const contents = keys
    .slice(start, start + objectsAtOnce)
    .map(
      (each) =>
        `<Contents><Key>${escape(each)}</Key><ETag>&quot;e1&quot;</ETag><Size>${objects.get(each)!.length}</Size></Contents>`,
    );
  const isMore = start + objectsAtOnce < keys.length;
  const next = isMore ? `<NextContinuationToken>${start + objectsAtOnce}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${isMore}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (secret: string | Uint8Array, text: string) =>
  createHmac('sha256', secret).update(text).digest();

/** Source: AWS General Reference, "Signature Version 4 signing process". */
function isSigned({ method, headers }: IncomingMessage, url: URL): boolean {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (found === null || found[1] !== key.id) return false;
  const [, , day = '', region = '', names = '', signature = ''] = found;
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  const path = url.pathname
    .split('/')
    .map((part) => encodeURIComponent(decodeURIComponent(part)))
    .join('/');
  const payload = String(headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD');
  const canonical = [method, path, query, lines.join(''), names, payload].join('\n');
  const text = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    `${day}/${region}/s3/aws4_request`,
    hash(canonical),
  ].join('\n');
  const secret = hmac(hmac(hmac(hmac(`AWS4${key.secret}`, day), region), 's3'), 'aws4_request');
  return timingSafeEqual(hmac(secret, text), Buffer.from(signature, 'hex'));
}
