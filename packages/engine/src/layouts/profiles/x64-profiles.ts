import { type Profile, profilesOf } from './profile.ts';
import { x64 } from './x64.ts';
import { x64More } from './x64-more.ts';

/** Built-in profiles of x64; several of one build come from different updates of it. */
export const x64Profiles: readonly Profile[] = [
  ...profilesOf('x64', x64, true),
  ...profilesOf('x64', x64More, false),
];
