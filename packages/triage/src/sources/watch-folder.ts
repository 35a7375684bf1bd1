import type { LocalOptions } from './local-files.ts';
import { walkFolder } from './local-files.ts';
import type { SourceError, SourceItem } from './source-item.ts';

export interface WatchOptions extends LocalOptions {
  readonly isStopped: () => boolean;
  /** Milliseconds between two looks. */
  readonly pause?: number;
}

/**
 * Files of a folder, and those that come later: looked for again and again, because notices of file systems do not come over a
 * network. A file counts when it was the same in two looks: before, somebody is still writing it. A folder that cannot be looked
 * into is told of once, and looked at again.
 */
export async function* watchFolder(folder: string, options: WatchOptions): AsyncGenerator<SourceItem> {
  const given = new Map<string, string>();
  let before = new Map<string, string>();
  const told = new Set<string>();
  const onProblem = (name: string, error: SourceError): void => {
    if (!told.has(name)) options.onProblem?.(name, error);
    told.add(name);
  };
  while (!options.isStopped()) {
    const now = new Map<string, string>();
    for await (const item of walkFolder(folder, { ...options, onProblem })) {
      now.set(item.name, item.fingerprint);
      if (given.get(item.name) === item.fingerprint || before.get(item.name) !== item.fingerprint) continue;
      given.set(item.name, item.fingerprint);
      yield item;
    }
    for (const name of given.keys()) if (!now.has(name)) given.delete(name);
    before = now;
    await pause(options.pause ?? 1000, options.isStopped);
  }
}

async function pause(time: number, isStopped: () => boolean): Promise<void> {
  const end = Date.now() + time;
  while (!isStopped() && Date.now() < end) {
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(100, time));
    });
  }
}
