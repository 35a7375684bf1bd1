import type { Profile } from './profile.ts';
import { x64Profiles } from './x64-profiles.ts';
import { x86Profiles } from './x86-profiles.ts';

/** All built-in profiles. */
export const profiles: readonly Profile[] = [...x64Profiles, ...x86Profiles];
