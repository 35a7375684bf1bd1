import { type Profile, profilesOf } from './profile.ts';
import { x86 } from './x86.ts';

/** Built-in profiles of x86. */
export const x86Profiles: readonly Profile[] = profilesOf('x86', x86, false);
