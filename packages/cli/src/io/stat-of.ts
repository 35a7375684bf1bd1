import { type Stats, statSync } from 'node:fs';
import { attempt } from './attempt.ts';

/** What is at a path; undefined where there is nothing, or nothing that this user can see. */
export const statOf = (path: string): Stats | undefined => attempt(() => statSync(path));
