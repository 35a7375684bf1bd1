import { type Profile, profilesOf } from './profile.ts';
import { x64 } from './x64.ts';
import { x64More } from './x64-more.ts';

/**
 * The profiles of x64 with the structures only that machines of the lab are made of: a page that plays them loads nothing
 * else. Which they are is in tools/profile-core.mjs.
 */
export const x64CoreProfiles: readonly Profile[] = [
  ...profilesOf('x64', x64, true),
  ...profilesOf('x64', x64More, false),
];
