import { isHttp, openHttp } from './http.ts';
import { isS3, S3Source } from './s3.ts';
import type { SourceItem } from './source-item.ts';

/** Larger dumps are not fetched from servers unless the limit is raised. */
export const mostRemoteBytes = 16 * 2 ** 30;

/** A source by the name that a job has for it. */
export function openSource(
  source: Pick<SourceItem, 'name' | 'fingerprint' | 'machine'>,
  mostBytes = mostRemoteBytes,
): SourceItem {
  const { name } = source;
  return {
    withFile: async (use) => {
      if (isHttp(name)) return openHttp(name, mostBytes).withFile(use);
      if (isS3(name)) return new S3Source(process.env, mostBytes).open(name).withFile(use);
      return use(name);
    },
    ...source,
  };
}
