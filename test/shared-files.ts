import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BufferSource, openSession, type Session } from '@poolscope/engine';

/** Real files that are no part of this project: a folder `shared` beside the repository, where there is one. */
export const sharedFolder = fileURLToPath(new URL('../../shared/', import.meta.url));

export const hasShared = existsSync(`${sharedFolder}dumps`);

export const sharedPath = (name: string): string => sharedFolder + name;

export const sharedBytes = (name: string): Uint8Array => readFileSync(sharedPath(name));

export const sharedText = (name: string): string => readFileSync(sharedPath(name), 'utf8');

/** A session over a real dump. */
export const openShared = (name: string): Promise<Session> =>
  openSession(new BufferSource(sharedBytes(`dumps/${name}`)), { path: name });
