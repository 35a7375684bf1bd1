import { AwsClient } from 'aws4fetch';
import { asSourceError, type Fetch, withDownload } from './download.ts';
import { SourceError, type SourceItem } from './source-item.ts';

/** Variables that the tools of Amazon and of others read. */
type Environment = Readonly<Record<string, string | undefined>>;

export const isS3 = (name: string): boolean => /^s3:\/\//i.test(name);

/** Objects of any server that speaks S3's protocol; buckets are named in the path. */
export class S3Source {
  readonly #endpoint: string;
  readonly #fetch: Fetch;
  readonly #mostBytes: number;

  /** Errors: SourceError where the environment holds no key. */
  constructor(env: Environment, mostBytes: number) {
    const accessKeyId = env['AWS_ACCESS_KEY_ID'];
    const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new SourceError('NO_KEY', 's3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    }
    const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
    const sessionToken = env['AWS_SESSION_TOKEN'];
    const client = new AwsClient({
      ...{ accessKeyId, secretAccessKey, region, service: 's3', retries: 3 },
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    this.#endpoint = (
      env['AWS_ENDPOINT_URL_S3'] ??
      env['AWS_ENDPOINT_URL'] ??
      `https://s3.${region}.amazonaws.com`
    ).replace(/\/+$/, '');
    this.#fetch = (url, init) => client.fetch(url, init);
    this.#mostBytes = mostBytes;
  }

  /** The object of that name, or all below it. Errors: SourceError. */
  async *list(name: string): AsyncGenerator<SourceItem> {
    const { bucket, key } = partsOf(name);
    let count = 0;
    for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
      const page = await this.#page(bucket, key, token);
      for (const each of page.objects) {
        // `logs` names the object `logs` and those below `logs/`, not `logs-2`.
        const isBelow = key === '' || key.endsWith('/') || each.key === key || each.key.startsWith(`${key}/`);
        if (!isBelow || each.key.endsWith('/')) continue;
        count++;
        yield { ...this.open(`s3://${bucket}/${each.key}`), fingerprint: each.version };
      }
      token = page.next;
    }
    if (count === 0) throw new SourceError('FILE_UNREADABLE', `${name}: there is no such object`);
  }

  open(name: string): SourceItem {
    const { bucket, key } = partsOf(name);
    const options = { fetch: this.#fetch, mostBytes: this.#mostBytes };
    return {
      name,
      fingerprint: '',
      withFile: (use) => withDownload(this.#url(bucket, key), options, use),
    };
  }

  #url(bucket: string, key: string): string {
    return `${this.#endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  }

  async #page(bucket: string, prefix: string, token: string | undefined): Promise<S3Page> {
    const query = new URLSearchParams({ 'list-type': '2', prefix });
    if (token !== undefined) query.set('continuation-token', token);
    const url = `${this.#endpoint}/${bucket}?${query.toString()}`;
    const response = await this.#fetch(url).catch((error) => {
      throw asSourceError(url, error);
    });
    const text = await response.text();
    if (!response.ok) {
      const code = /<Code>([^<]{1,100})</.exec(text)?.[1] ?? '';
      throw new SourceError('HTTP_STATUS', `s3://${bucket}: the server answers ${response.status} ${code}`);
    }
    return parsePage(text);
  }
}

interface S3Page {
  readonly objects: readonly { readonly key: string; readonly version: string }[];
  readonly next: string | undefined;
}

function partsOf(name: string): { bucket: string; key: string } {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(name) ?? [];
  if (bucket === undefined) throw new SourceError('FILE_UNREADABLE', `${name}: write s3://BUCKET/NAME`);
  return { bucket, key };
}

/** The answer of ListObjectsV2. */
export function parsePage(xml: string): S3Page {
  const field = (text: string, name: string) => {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    return found === undefined ? undefined : unescapeXml(found);
  };
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].flatMap(([, text = '']) => {
    const key = field(text, 'Key');
    return key === undefined
      ? []
      : [{ key, version: `${field(text, 'ETag') ?? ''}:${field(text, 'Size') ?? ''}` }];
  });
  const isMore = field(xml, 'IsTruncated') === 'true';
  return { objects, next: isMore ? field(xml, 'NextContinuationToken') : undefined };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      if (name !== undefined) return entities[name] ?? whole;
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    },
  );
